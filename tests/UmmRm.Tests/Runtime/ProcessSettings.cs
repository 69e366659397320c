namespace UmmRm.Tests.Runtime;

/// <summary>Tests that change what the whole process computes with, the route of products or the number of threads: they run when no other test does, whose sums would come out in another order.</summary>
[CollectionDefinition(nameof(ProcessSettings), DisableParallelization = true)]
public sealed class ProcessSettings;
