package dev.postern.attach;

import static dev.postern.attach.SecureCpuFixture.MIB;
import static dev.postern.attach.SecureCpuFixture.PAGE;
import static dev.postern.attach.SecureCpuFixture.PRIVATE_PA;
import static dev.postern.attach.SecureCpuFixture.assertFatal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs.Instruction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UltravisorCpuTest {

    private static final long GRANULE = 64 * 1024;
    private static final long SHARE = 0xf130;
    private static final long UNSHARE = 0xf134;
    private static final long U_FUNCTION = -2;
    private static final long U_PARAMETER = -4;
    private static final long U_P2 = -55;

    private final SecureCpuFixture fixture = new SecureCpuFixture(SecurePlatform.PSERIES_SVM);
    private final SecureCpu cpu = fixture.cpu;

    @AfterEach
    void close() {
        fixture.close();
    }

    private long call(long number, long firstPage, long pages) {
        long[] result = cpu.execute(Instruction.ULTRAVISOR_CALL, number, firstPage, pages);
        assertEquals(5, result.length);
        return result[0];
    }

    @Test
    void theFactsAreThoseOfASecureGuest() {
        assertEquals(CpuFacts.Architecture.PPC64, cpu.architecture());
        assertEquals(1L << 22, cpu.register(0).orElseThrow() & 1L << 22);
        assertTrue(cpu.register(1).isEmpty());
        assertEquals(CpuFacts.Cpuid.NONE, cpu.cpuid(0, 0));
    }

    @Test
    void pagesOf64KibAreSharedAndTakenBackAndLoseTheirContentEachTime() {
        long pa = 3 * MIB;
        fixture.mark(pa - PAGE, 2 * GRANULE + 2 * PAGE);
        assertEquals(0, call(SHARE, pa / GRANULE, 2));
        fixture.assertScrambled(pa, 2 * GRANULE);
        assertTrue(cpu.shared(pa) && cpu.shared(pa + 2 * GRANULE - 1));
        assertFalse(cpu.shared(pa - 1) || cpu.shared(pa + 2 * GRANULE));
        fixture.mark(pa, 2 * GRANULE);
        assertEquals(0, call(SHARE, pa / GRANULE, 1));
        fixture.assertKept(pa - PAGE, 2 * GRANULE + 2 * PAGE);
        assertEquals(0, call(UNSHARE, pa / GRANULE, 1));
        fixture.assertScrambled(pa, GRANULE);
        fixture.assertKept(pa + GRANULE, GRANULE);
        assertFalse(cpu.shared(pa));
        assertTrue(cpu.shared(pa + GRANULE));
    }

    @Test
    void whatIsOutsideTheWindowIsNotConverted() {
        for (long number : new long[] {SHARE, UNSHARE}) {
            for (long page : new long[] {PRIVATE_PA / GRANULE, 128, 10, -1, Long.MAX_VALUE, 1L << 48}) {
                assertEquals(U_PARAMETER, call(number, page, 1), "page " + page);
            }
            for (long pages : new long[] {0, -1, 2, Long.MAX_VALUE, 1L << 48}) {
                assertEquals(U_P2, call(number, 127, pages), pages + " pages");
            }
            assertEquals(U_P2, call(number, 9, 8), "the hole is not RAM");
        }
        assertFalse(cpu.shared(127 * GRANULE) || cpu.shared(9 * GRANULE) || cpu.shared(PRIVATE_PA));
        assertEquals(U_FUNCTION, call(0xf138, 16, 1));
    }

    @Test
    void whatSiliconAnswersWithTheEndOfTheGuestEndsIt() {
        fixture.mark(MIB, PAGE);
        cpu.mapPages(MIB, PAGE, 0);
        fixture.assertKept(MIB, PAGE);
        assertFatal("POWER has none", () -> cpu.mapPages(MIB, PAGE, 1L << 51));
        assertFatal("PVALIDATE", () -> cpu.execute(Instruction.PVALIDATE, MIB, 0, 1));
        assertFatal("TDCALL", () -> cpu.execute(Instruction.TDCALL, 1));
    }
}
