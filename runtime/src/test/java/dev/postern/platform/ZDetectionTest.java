package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZDetectionTest {

    private static final long SHARE = 0x0080_0000_0000_0000L;
    private static final long UNSHARE = 0x0040_0000_0000_0000L;

    private final FakeGuest guest = new FakeGuest(Architecture.S390X);

    private String detected(long condition, long code, long calls) throws UnknownPlatformException {
        guest.withFacility(158).acts().on(Instruction.UVC, operands -> {
            assertEquals(1, operands[0]);
            assertEquals(32, operands.length);
            return new long[] {condition, code, calls, 0, 0, 0};
        });
        return PlatformDetection.detect(guest).name();
    }

    @Test
    void withoutTheFacilityTheUltravisorIsNotCalled() throws UnknownPlatformException {
        assertEquals("plain", PlatformDetection.detect(guest).name());
        assertEquals(List.of(), guest.acts().takeLog());
    }

    @Test
    void aProtectedGuestHasTheCallsThatShareAndUnshare() throws UnknownPlatformException {
        assertEquals("s390-pv", detected(0, 1, SHARE | UNSHARE | 1L << 63));
        assertEquals("plain", detected(0, 1, 1L << 63));
    }

    @Test
    void anAnswerWithMoreDataThanFitsIsGood() throws UnknownPlatformException {
        assertEquals("s390-pv", detected(1, 0x100, SHARE | UNSHARE));
    }

    @Test
    void oneOfTheTwoCallsAloneIsRefused() {
        assertThrows(UnknownPlatformException.class, () -> detected(0, 1, SHARE));
        assertThrows(UnknownPlatformException.class, () -> detected(0, 1, UNSHARE));
    }

    @Test
    void aQueryThatFailsOrStaysBusyIsRefused() {
        assertTrue(assertThrows(UnknownPlatformException.class, () -> detected(1, 2, SHARE | UNSHARE))
                .getMessage()
                .contains("condition code 1, return code 0x2"));
        guest.acts().takeLog();
        assertThrows(UnknownPlatformException.class, () -> detected(2, 0, SHARE | UNSHARE));
        assertEquals(UvcAnswer.MOST_CALLS, guest.acts().acts());
    }
}
