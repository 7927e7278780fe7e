using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class PasswordProofTests
{
    private static readonly byte[] ReplicaNonce = FrameSamples.Bytes(0, 32);
    private static readonly byte[] MasterNonce = FrameSamples.Bytes(100, 32);
    private static readonly byte[] Transcript = HandshakeTranscript.Hash(new ReadOnlySequence<byte>([1, 2]), new ReadOnlySequence<byte>([3]));

    [Fact]
    public void Proof_OfAPassword_IsWhatTheDocumentSays()
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes("pässword"));
        byte[] message = [.. "EmbeddedRepl 1 replica"u8, .. ReplicaNonce, .. MasterNonce, .. SHA256.HashData([0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 3])];

        Assert.Equal(HMACSHA256.HashData(key, message), Proof("pässword", ProofRole.Replica));
    }

    [Theory]
    [Trait("Behaviour", "F2")]
    [InlineData("a", "a\0")]
    [InlineData("a", "a\0\0\0")]
    [InlineData("secret", "secre")]
    [InlineData("secret", "secret ")]
    [InlineData("secret", "Secret")]
    public void Proofs_OfDifferentPasswords_Differ(string one, string other)
    {
        Assert.NotEqual(Proof(one, ProofRole.Replica), Proof(other, ProofRole.Replica));
        Assert.True(PasswordProof.Matches(Proof(one, ProofRole.Replica), Proof(one, ProofRole.Replica)));
        Assert.False(PasswordProof.Matches(Proof(one, ProofRole.Replica), Proof(other, ProofRole.Replica)));
    }

    [Fact]
    [Trait("Behaviour", "F2")]
    public void Proofs_OfPasswordsWithLoneSurrogates_AllDiffer()
    {
        string[] passwords = ["\ud800", "\udc00", "\ufffd", "\ud83d\ude00", "\ude00\ud83d", "\ud83d", "\ude00", "?"];
        Assert.Equal(passwords.Length, passwords.Select(static password => Convert.ToHexString(Proof(password, ProofRole.Replica))).Distinct().Count());
    }

    [Fact]
    [Trait("Behaviour", "F2")]
    public void Proof_OfAPasswordLongerThanAnHmacBlock_IsNotThatOfItsHash()
    {
        // HMAC alone replaces a key of more than 64 bytes by its hash.
        string password = new('p', 65);
        string hash = Encoding.Latin1.GetString(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
        Assert.NotEqual(Proof(password, ProofRole.Master), Proof(hash, ProofRole.Master));
    }

    [Fact]
    [Trait("Behaviour", "F2")]
    public void Passwords_OfEveryAllowedSize_WorkAndOthersAreRefused()
    {
        HashSet<string> proofs = [.. Enumerable.Range(1, 512).Select(static size => Convert.ToHexString(Proof(new string('x', size), ProofRole.Replica)))];

        Assert.Equal(512, proofs.Count);
        Assert.Throws<ArgumentException>(() => PasswordKey.Create(string.Empty));
        Assert.Throws<ArgumentException>(() => PasswordKey.Create(new string('x', 513)));
        Assert.Throws<ArgumentException>(() => PasswordKey.Create(new string('€', 171)));
        Assert.Throws<ArgumentException>(() => PasswordKey.Create(new string('\ud800', 171)));
        Assert.Equal(32, PasswordKey.Create(new string('\ud800', 170)).Bytes.Length);
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Proof_ReflectedOrReplayed_DoesNotMatch()
    {
        byte[] expected = Proof("secret", ProofRole.Replica);
        PasswordKey key = PasswordKey.Create("secret");
        byte[] other = FrameSamples.Bytes(7, 32);

        Assert.False(PasswordProof.Matches(expected, Proof("secret", ProofRole.Master)));
        Assert.False(PasswordProof.Matches(expected, PasswordProof.Compute(key, ProofRole.Replica, other, MasterNonce, Transcript)));
        Assert.False(PasswordProof.Matches(expected, PasswordProof.Compute(key, ProofRole.Replica, ReplicaNonce, other, Transcript)));
        Assert.False(PasswordProof.Matches(expected, PasswordProof.Compute(key, ProofRole.Replica, MasterNonce, ReplicaNonce, Transcript)));
        Assert.False(PasswordProof.Matches(expected, PasswordProof.Compute(key, ProofRole.Replica, ReplicaNonce, MasterNonce, other)));
        Assert.False(PasswordProof.Matches(expected, []));
    }

    [Fact]
    public void Transcript_WithAByteMovedFromOneHelloToTheOther_Differs()
    {
        Assert.NotEqual(Transcript, HandshakeTranscript.Hash(new ReadOnlySequence<byte>([1]), new ReadOnlySequence<byte>([2, 3])));
        Assert.Equal(Transcript, HandshakeTranscript.Hash(Sequences.OneByteEach([1, 2]), Sequences.OneByteEach([3])));
    }

    [Fact]
    public void Proof_WithANonceOfAnotherSize_IsOurOwnMistake()
    {
        PasswordKey key = PasswordKey.Create("secret");
        Assert.Throws<ArgumentException>(() => PasswordProof.Compute(key, ProofRole.Replica, new byte[31], MasterNonce, Transcript));
        Assert.Throws<ArgumentException>(() => PasswordProof.Compute(key, ProofRole.Replica, ReplicaNonce, new byte[33], Transcript));
        Assert.Throws<ArgumentException>(() => PasswordProof.Compute(key, ProofRole.Replica, ReplicaNonce, MasterNonce, []));
    }

    [Fact]
    public void Key_Printed_ShowsNothingOfThePassword()
    {
        Assert.Equal(typeof(PasswordKey).FullName, PasswordKey.Create("secret").ToString());
    }

    private static byte[] Proof(string password, ProofRole role) =>
        PasswordProof.Compute(PasswordKey.Create(password), role, ReplicaNonce, MasterNonce, Transcript);
}
