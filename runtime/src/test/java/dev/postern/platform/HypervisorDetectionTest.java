package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import dev.postern.fakes.FakeRam;
import dev.postern.firmware.devicetree.TreeBlob;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.RamRegion;
import dev.postern.xen.StartInfoBytes;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HypervisorDetectionTest {

    /** "XenV", "MMXe", "nVMM". */
    private static final int[] XEN = {0x566e6558, 0x65584d4d, 0x4d4d566e};
    /** "Micr", "osof", "t Hv". */
    private static final int[] HYPERV = {0x7263694d, 0x666f736f, 0x76482074};
    /** "KVMK", "VMKV", "M". */
    private static final int[] KVM = {0x4b4d564b, 0x564b4d56, 0x4d};

    private final RamRegion low = FakeRam.region(0, 4 << 20);

    private static FakeGuest x86() {
        return new FakeGuest(Architecture.X86_64);
    }

    private static FakeGuest signed(FakeGuest guest, int leaf, int highest, int[] signature) {
        return guest.leaf(leaf, highest, signature[0], signature[1], signature[2]);
    }

    private static String hypervisor(FakeGuest guest) throws UnknownPlatformException {
        return PlatformDetection.detect(guest).hypervisor().map(Fact::value).orElse("nobody");
    }

    private static XenGuest xen(FakeGuest guest) throws UnknownPlatformException {
        return PlatformDetection.detect(guest).xen().value();
    }

    private static String refusal(FakeGuest guest) {
        String message = assertThrows(UnknownPlatformException.class, () -> PlatformDetection.detect(guest))
                .getMessage();
        assertFalse(message.contains("\n"), message);
        assertTrue(message.contains(": "), "no remedy in " + message);
        return message;
    }

    private FakeGuest paravirtualised() {
        return x86().ram(low).startInfoPa(0);
    }

    private static byte[] hypervisorNode(String... compatible) {
        return new TreeBlob()
                .begin("")
                .strings("compatible", "acme,board-2", "acme,board")
                .begin("hypervisor")
                .strings("compatible", compatible)
                .end()
                .end()
                .blob();
    }

    @Test
    void aHypervisorIsKnownByItsSignatureWithoutTheZeroBytesBehindIt() throws UnknownPlatformException {
        assertEquals("KVMKVMKVM", hypervisor(signed(x86(), 0x40000000, 0x40000001, KVM)));
        assertEquals("Microsoft Hv", hypervisor(signed(x86(), 0x40000000, 0x4000000a, HYPERV)));
        assertEquals("nobody", hypervisor(x86()));
        assertEquals("nobody", hypervisor(signed(x86(), 0x40000000, 7, new int[] {1, 2, 3})));
        assertEquals(
                "CPUID 0x40000000 EBX, ECX, EDX",
                PlatformDetection.detect(signed(x86(), 0x40000000, 0, KVM))
                        .hypervisor()
                        .orElseThrow()
                        .source());
    }

    @Test
    void whoImitatesAnotherIsKnownByItsOwnSignatureFurtherUp() throws UnknownPlatformException {
        FakeGuest guest = signed(x86(), 0x40000000, 0x4000000a, HYPERV);
        assertEquals("KVMKVMKVM", hypervisor(signed(guest, 0x40000100, 0x40000101, KVM)));
        String trace = PlatformDetection.detect(guest).trace().toString();
        assertTrue(trace.contains("Microsoft Hv") && trace.contains("KVMKVMKVM"), trace);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40000000, 0x40000100, 0x4000ff00})
    void xenIsFoundWhereverKernelsLook(int leaf) throws UnknownPlatformException {
        FakeGuest guest = signed(signed(x86(), 0x40000000, 0x4000000a, HYPERV), leaf, leaf + 5, XEN);
        assertEquals(XenGuest.HVM, xen(guest));
        assertEquals("XenVMMXenVMM", hypervisor(guest));
        assertEquals("plain", PlatformDetection.detect(guest).name());
    }

    @Test
    void xenIsNotLookedForBehindTheLastLeafNorBelievedWithoutItsLeaves() throws UnknownPlatformException {
        assertEquals(XenGuest.NONE, xen(signed(x86(), 0x40010000, 0x40010005, XEN)));
        assertEquals(XenGuest.NONE, xen(signed(x86(), 0x40000000, 0x40000001, XEN)));
        assertEquals(XenGuest.NONE, xen(signed(new FakeGuest(Architecture.RISCV64), 0x40000000, 0x40000005, XEN)));
    }

    @Test
    void anEndlessRepetitionOfOneSignatureIsNotedOnce() throws UnknownPlatformException {
        FakeGuest guest = x86();
        for (int leaf = 0x40000000; leaf < 0x40010000; leaf += 0x100) {
            signed(guest, leaf, leaf + 5, KVM);
        }
        assertEquals(
                1,
                PlatformDetection.detect(guest).trace().stream()
                        .filter(fact -> fact.value().contains("KVMKVMKVM"))
                        .count());
    }

    @Test
    void theDeviceTreeNamesTheHypervisorAndTheBoard() throws UnknownPlatformException {
        FakeGuest guest = new FakeGuest(Architecture.RISCV64).tree(hypervisorNode("xen,xen-4.19", "xen,xen"));
        DetectedPlatform platform = PlatformDetection.detect(guest);
        assertEquals(XenGuest.HVM, platform.xen().value());
        assertEquals("xen,xen-4.19", platform.hypervisor().orElseThrow().value());
        assertEquals("acme,board-2 acme,board", platform.board().orElseThrow().value());
        assertEquals(Architecture.RISCV64, platform.architecture().orElseThrow().value());
        assertEquals(XenGuest.NONE, xen(guest.tree(hypervisorNode("linux,kvm"))));
        assertEquals("linux,kvm", hypervisor(guest));
    }

    @Test
    void aMachineThatAnswersNothingHasNoArchitectureAndNoBoard() throws UnknownPlatformException {
        DetectedPlatform platform = PlatformDetection.detect(x86().mute());
        assertEquals(Optional.empty(), platform.architecture());
        assertEquals(Optional.empty(), platform.board());
        assertEquals(Optional.empty(), platform.hypervisor());
        assertEquals(XenGuest.NONE, platform.xen().value());
        assertEquals("plain", platform.name());
    }

    @Test
    void theBootProtocolTellsAParavirtualisedGuestAndTheFirstDomain() throws UnknownPlatformException {
        StartInfoBytes info = new StartInfoBytes(low);
        assertEquals(XenGuest.PV, xen(paravirtualised()));
        info.flags(1);
        assertEquals(XenGuest.PV, xen(paravirtualised()));
        info.flags(3);
        assertEquals(XenGuest.PV_FIRST_DOMAIN, xen(paravirtualised()));
        assertEquals(XenGuest.PV_FIRST_DOMAIN, xen(paravirtualised().mute()));
        assertEquals("plain", PlatformDetection.detect(paravirtualised()).name());
        assertFalse(PlatformDetection.detect(paravirtualised()).secure());
    }

    @Test
    void aStartInfoOutsideRamIsRefused() {
        for (long pa : List.of(low.endPa(), low.endPa() - 1167, -1L, -4096L, Long.MIN_VALUE, Long.MAX_VALUE)) {
            assertTrue(refusal(paravirtualised().startInfoPa(pa)).contains("not in RAM"), Long.toHexString(pa));
        }
    }

    @Test
    void aStartInfoWithAnotherMagicIsRefusedAndTheMagicShownInOneLine() {
        StartInfoBytes info = new StartInfoBytes(low);
        for (String magic : List.of("", "xen-3.0-x86_32p", "kvm-3.0-x86_64", "xen-\n-x86", "x".repeat(32))) {
            info.magic(magic);
            assertTrue(refusal(paravirtualised()).contains("magic"), magic);
        }
    }

    @Test
    void aCountOfPagesThatDoesNotCoverRamOrCannotBeIsRefused() throws UnknownPlatformException {
        StartInfoBytes info = new StartInfoBytes(low);
        for (long pages : List.of(0L, -1L, 1023L, (1L << 40) + 1, Long.MAX_VALUE, Long.MIN_VALUE)) {
            info.pages(pages);
            assertTrue(refusal(paravirtualised()).contains("pages"), Long.toString(pages));
        }
        info.pages(1024);
        assertEquals(XenGuest.PV, xen(paravirtualised()));
    }

    @Test
    void aListOfFramesOutsideRamIsRefused() {
        StartInfoBytes info = new StartInfoBytes(low);
        for (long pa : List.of(low.endPa() - 8191, -8L, Long.MIN_VALUE, 1L << 40)) {
            info.frameListPa(pa);
            assertTrue(refusal(paravirtualised()).contains("list"), Long.toHexString(pa));
        }
    }

    @Test
    void aParavirtualisedGuestOfAnotherArchitectureOrOfASecurePlatformIsRefused() {
        new StartInfoBytes(low);
        assertTrue(refusal(new FakeGuest(Architecture.PPC64).ram(low).startInfoPa(0))
                .contains("PPC64"));
        FakeGuest sev = paravirtualised()
                .leaf(0x80000000, 0x8000001f, 0, 0, 0)
                .leaf(0x8000001f, 2, 51, 0, 0)
                .register(0xc0010131, 1);
        assertTrue(refusal(sev).contains("cannot be sev too"));
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void aDamagedStartInfoEndsInAGuestOrInOneLine(long seed) {
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            new StartInfoBytes(low);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                low.segment()
                        .set(java.lang.foreign.ValueLayout.JAVA_BYTE, random.nextInt(128), (byte) random.nextInt(256));
            }
            try {
                PlatformDetection.detect(paravirtualised());
            } catch (UnknownPlatformException e) {
                assertFalse(e.getMessage().contains("\n"), "seed %d: %s".formatted(seed, e.getMessage()));
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d, round %d".formatted(seed, round), e);
            }
        }
        assertTrue(refused > 0 && refused < 2000, "seed %d: %d refused".formatted(seed, refused));
    }
}
