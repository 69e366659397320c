using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;
using UmmRm.Runtime;

namespace UmmRm.Tests.Architecture;

/// <summary>
/// TorchSharp wraps a number in a Scalar, hands its native address to libtorch and forgets the object: a finalizer on another thread may free
/// the memory while it is read (wrong numbers, or "Expected false to be true"). The library therefore calls nothing of TorchSharp that makes a
/// Scalar of its own; numbers go through <see cref="Scalars"/>, which keeps them.
/// </summary>
public sealed class ScalarLifetimeTests
{
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The two places that make Scalars, and hold each until libtorch has read it: one keeps them for ever, one until its call is over.</summary>
    private static readonly Type[] Holders = [typeof(Scalars), typeof(FusedOps)];

    [Fact]
    public void Library_EveryCallIntoTorchSharp_MakesNoScalarThatNobodyHolds()
    {
        var unsafeMethods = UnsafeMethods();
        Assert.Contains(unsafeMethods, method => method.Name == "op_Addition"); // the search finds what is known to be unsafe
        var offences =
            from method in MethodsOf(typeof(LibTorch).Assembly)
            where !Holders.Contains(method.DeclaringType?.DeclaringType ?? method.DeclaringType)
            from called in Calls(method)
            where unsafeMethods.Contains(called)
            select $"{method.DeclaringType?.FullName}.{method.Name} calls {called.DeclaringType?.Name}.{called.Name}({string.Join(", ", called.GetParameters().Select(p => p.ParameterType.Name))})";
        var found = offences.Distinct().Order().ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>The methods of TorchSharp that make a Scalar, or call one that does; and the ways to make one.</summary>
    private static HashSet<MethodBase> UnsafeMethods()
    {
        var methods = MethodsOf(typeof(torch).Assembly).Where(m => m.DeclaringType?.Name is not ("Scalar" or "ScalarExtensionMethods")).ToList();
        var makers = MethodsOf(typeof(torch).Assembly).Where(m => m is { DeclaringType.Name: "Scalar", Name: "op_Implicit" or ".ctor" } or { DeclaringType.Name: "ScalarExtensionMethods" }).ToHashSet();
        var calls = methods.Select(method => (Method: method, Calls: Calls(method).ToList())).ToList();
        var found = new HashSet<MethodBase>(makers);
        while (calls.Where(entry => !found.Contains(entry.Method) && entry.Calls.Any(found.Contains)).Select(entry => entry.Method).ToList() is { Count: > 0 } more)
            found.UnionWith(more);
        return found;
    }

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        assembly.GetTypes().SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly).OfType<MethodBase>());

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xfe ? unchecked((short)(0xfe00 | code[at + 1])) : code[at];
            var opcode = OpCodesByValue[value];
            at += opcode.Size;
            if (opcode.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } called)
                yield return called;
            at += OperandSize(opcode, code, at);
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var called = method.Module.ResolveMethod(token, typeArguments, method is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : null);
        return called is MethodInfo { IsGenericMethod: true } made ? made.GetGenericMethodDefinition() : called;
    }

    private static int OperandSize(OpCode opcode, byte[] code, int at) => opcode.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
        _ => 4,
    };
}
