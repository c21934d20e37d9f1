package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.List;
import org.junit.jupiter.api.Test;

class X86DetectionTest {

    private static final int SEV_STATUS = 0xc0010131;
    /** "Micr" "osof" "t Hv". */
    private static final int[] HYPERV = {0x7263694d, 0x666f736f, 0x76482074};

    private static final int BOUNDARY_46 = 1 << 5 | 46 << 6;

    private static FakeGuest amd(int cpuidBits, int cBit) {
        return new FakeGuest(Architecture.X86_64)
                .leaf(0x80000000, 0x8000001f, 0, 0, 0)
                .leaf(0x8000001f, cpuidBits, cBit, 0, 0);
    }

    private static FakeGuest hyperV(int isolationA, int isolationB) {
        return new FakeGuest(Architecture.X86_64)
                .leaf(0x40000000, 0x4000000c, HYPERV[0], HYPERV[1], HYPERV[2])
                .leaf(0x40000003, 0, 1 << 22, 0, 0)
                .leaf(0x4000000c, isolationA, isolationB, 0, 0);
    }

    private static String refusal(FakeGuest guest) {
        String message = assertThrows(UnknownPlatformException.class, () -> PlatformDetection.detect(guest))
                .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private static void assertDetected(String name, FakeGuest guest) throws UnknownPlatformException {
        DetectedPlatform platform = PlatformDetection.detect(guest);
        assertEquals(name, platform.name(), platform.trace().toString());
        assertEquals(!name.equals("plain"), platform.secure());
        assertFalse(platform.trace().isEmpty());
    }

    @Test
    void theStatusRegisterTellsTheGenerationsOfSevApart() throws UnknownPlatformException {
        assertDetected("sev", amd(2, 51).register(SEV_STATUS, 1));
        assertDetected("sev-es", amd(2, 51).register(SEV_STATUS, 3));
        assertDetected("sev-snp", amd(2, 51).register(SEV_STATUS, 7));
        assertDetected("plain", amd(2, 51).register(SEV_STATUS, 0));
        assertDetected("plain", amd(2, 51));
        assertDetected("plain", amd(1, 51));
        assertDetected("plain", new FakeGuest(Architecture.X86_64));
    }

    @Test
    void theTraceNamesTheRegisterAndItsValue() throws UnknownPlatformException {
        String trace = PlatformDetection.detect(amd(2, 47).register(SEV_STATUS, 3))
                .trace()
                .toString();
        assertTrue(trace.contains("C-bit 47") && trace.contains("0xc0010131 0x3"), trace);
    }

    @Test
    void statusBitsThatContradictEachOtherAreRefused() {
        for (long status : List.of(2L, 4L, 6L, 5L, 9L)) {
            String message = refusal(amd(2, 51).register(SEV_STATUS, status));
            assertTrue(message.contains("0x%x".formatted(status)), message);
        }
        for (long status : List.of(1L, 3L, 7L)) {
            assertTrue(refusal(amd(1, 51).register(SEV_STATUS, status)).contains("has no SEV"));
        }
    }

    @Test
    void aCBitThatIsNoneOrInsideRamIsRefused() {
        assertTrue(refusal(amd(2, 12).register(SEV_STATUS, 1)).contains("address bit 12"));
        assertTrue(refusal(amd(2, 52).register(SEV_STATUS, 1)).contains("address bit 52"));
        String message = refusal(amd(2, 33).register(SEV_STATUS, 1).ram(FakeRam.region(1L << 33, 4096)));
        assertTrue(message.contains("RAM ends at 0x200001000"), message);
    }

    @Test
    void aVirtualTopOfMemoryIsDetectedForEachTypeOfIsolationThatHasOne() throws UnknownPlatformException {
        assertDetected("hyperv-vtom", hyperV(1, BOUNDARY_46 | 2));
        assertDetected("hyperv-vtom", hyperV(1, BOUNDARY_46 | 3));
        assertDetected("hyperv-vtom", hyperV(0, BOUNDARY_46 | 1));
        assertTrue(PlatformDetection.detect(hyperV(1, BOUNDARY_46 | 2))
                .sharing()
                .orElseThrow()
                .mechanism()
                .contains("bit 46"));
    }

    @Test
    void hyperVWithoutIsolationIsPlain() throws UnknownPlatformException {
        assertDetected("plain", hyperV(1, BOUNDARY_46));
        assertDetected("plain", hyperV(1, BOUNDARY_46 | 2).leaf(0x40000003, 0, 0, 0, 0));
        assertDetected("plain", hyperV(1, BOUNDARY_46 | 2).leaf(0x40000000, 0x4000000c, HYPERV[0], HYPERV[1], 0));
        assertDetected(
                "plain", hyperV(1, BOUNDARY_46 | 2).leaf(0x40000000, 0x4000000a, HYPERV[0], HYPERV[1], HYPERV[2]));
    }

    @Test
    void withoutAParavisorTheGuestDrivesTheMechanismBeneath() throws UnknownPlatformException {
        assertDetected(
                "sev-snp",
                hyperV(0, BOUNDARY_46 | 2)
                        .leaf(0x80000000, 0x8000001f, 0, 0, 0)
                        .leaf(0x8000001f, 2, 51, 0, 0)
                        .register(SEV_STATUS, 7));
    }

    @Test
    void anIsolationThatCannotBeDrivenIsRefused() {
        assertTrue(refusal(hyperV(1, 46 << 6 | 2)).contains("boundary not active"));
        assertTrue(refusal(hyperV(1, BOUNDARY_46 | 4)).contains("type 4"));
        assertTrue(refusal(hyperV(1, 1 << 5 | 20 << 6 | 2)).contains("address bit 20"));
    }

    @Test
    void aBoundaryBesideAnotherMechanismIsRefused() throws UnknownPlatformException {
        assertTrue(refusal(hyperV(1, BOUNDARY_46 | 2).register(SEV_STATUS, 7)).contains("SEV's C-bit"));
        FakeGuest tdx =
                hyperV(1, BOUNDARY_46 | 3).leaf(0, 0x21, 0, 0, 0).leaf(0x21, 0, 0x65746e49, 0x20202020, 0x5844546c);
        assertTrue(refusal(tdx).contains("TDX"));
        assertDetected("hyperv-vtom", hyperV(1, BOUNDARY_46 | 2).register(SEV_STATUS, 0xd));
    }

    @Test
    void tdxIsDetectedByItsSignatureAndItsAddressWidthChecked() throws UnknownPlatformException {
        FakeGuest guest = new FakeGuest(Architecture.X86_64)
                .leaf(0, 0x21, 0, 0, 0)
                .leaf(0x21, 0, 0x65746e49, 0x20202020, 0x5844546c);
        guest.acts().on(Instruction.TDCALL, operands -> new long[] {0, 48, 0});
        assertDetected("tdx", guest);
        guest.acts().on(Instruction.TDCALL, operands -> new long[] {0, 47, 0});
        assertTrue(refusal(guest).contains("width of 47"));
    }
}
