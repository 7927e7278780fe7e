using System.Reflection;
using System.Reflection.Emit;

namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Lists the types that a type depends on, in its signatures and inside the bodies of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The types without element, array and generic wrapping; each may appear several times.</summary>
    public static IEnumerable<Type> Of(Type type)
    {
        IEnumerable<Type?> references = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(Everything).Select(field => field.FieldType)];
        IEnumerable<MethodBase> methods = [.. type.GetMethods(Everything), .. type.GetConstructors(Everything)];
        return references.Concat(methods.SelectMany(OfMethod)).SelectMany(Unwrap);
    }

    private static IEnumerable<Type?> OfMethod(MethodBase method)
    {
        foreach (ParameterInfo parameter in method.GetParameters())
        {
            yield return parameter.ParameterType;
        }

        yield return (method as MethodInfo)?.ReturnType;
        if (method.GetMethodBody() is { } body)
        {
            foreach (LocalVariableInfo local in body.LocalVariables)
            {
                yield return local.LocalType;
            }

            foreach (Type reference in OfBody(method, body.GetILAsByteArray()!))
            {
                yield return reference;
            }
        }
    }

    private static IEnumerable<Type> OfBody(MethodBase method, byte[] il)
    {
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int position = 0; position < il.Length;)
        {
            // Codes of two bytes begin with 0xFE.
            OpCode code = il[position] == 0xFE ? OpCodesByValue[(short)(0xFE00 | il[position + 1])] : OpCodesByValue[il[position]];
            position += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(il, position), typeArguments, methodArguments)!;
                foreach (Type reference in OfMember(member))
                {
                    yield return reference;
                }
            }

            position += OperandSize(code, il, position);
        }
    }

    private static IEnumerable<Type> OfMember(MemberInfo member)
    {
        if (member is Type type)
        {
            return [type];
        }

        IEnumerable<Type> owner = member.DeclaringType is { } declaring ? [declaring] : [];
        return member is MethodInfo { IsGenericMethod: true } method ? owner.Concat(method.GetGenericArguments()) : owner;
    }

    private static int OperandSize(OpCode code, byte[] il, int position) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, position)),
        _ => 4,
    };

    private static IEnumerable<Type> Unwrap(Type? type)
    {
        while (type is { HasElementType: true })
        {
            type = type.GetElementType();
        }

        if (type is null || type.IsGenericParameter)
        {
            return [];
        }

        return type.IsConstructedGenericType ? type.GetGenericArguments().SelectMany(Unwrap).Prepend(type.GetGenericTypeDefinition()) : [type];
    }
}
