using System.Reflection;
using UmmRm.Ppo;
using UmmRm.Rewards;

namespace UmmRm.Tests.Architecture;

/// <summary>The reward that measures hacking must never reach an update: what trains the policy is given one reward, the proxy, and does not know of another.</summary>
public sealed class GoldTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void Ppo_NoFile_NamesGoldOrTheWorld() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "UmmRm", "Ppo"), "*.cs"),
        file => Assert.DoesNotMatch("(?i)gold|UmmRm\\.Worlds", File.ReadAllText(file)));

    [Fact]
    public void Ppo_RewardFunctions_EnterInOnePlaceAsTheProxy()
    {
        var types = typeof(PpoTrainer).Assembly.GetTypes().Where(type => type.Namespace == typeof(PpoTrainer).Namespace).ToList();
        var parameters = types.SelectMany(type => type.GetConstructors(All).Cast<MethodBase>().Concat(type.GetMethods(All))).SelectMany(method => method.GetParameters())
            .Where(parameter => Holds(parameter.ParameterType)).Select(parameter => $"{parameter.Member.DeclaringType!.Name}.{parameter.Name}");
        var fields = types.SelectMany(type => type.GetFields(All)).Where(field => Holds(field.FieldType)).Select(field => $"{field.DeclaringType!.Name}.{field.Name}");
        Assert.Equal(["PpoTrainer.proxy"], parameters);
        Assert.Equal(["PpoTrainer._proxy"], fields);
    }

    private static bool Holds(Type type) => typeof(IRewardFunction).IsAssignableFrom(type) || type.GetGenericArguments().Any(Holds) || (type.HasElementType && Holds(type.GetElementType()!));
}
