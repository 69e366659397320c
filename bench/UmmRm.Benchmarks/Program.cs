Console.WriteLine("usage: UmmRm.Benchmarks NAME");
return 2;
