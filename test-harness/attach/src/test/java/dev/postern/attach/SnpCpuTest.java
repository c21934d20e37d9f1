package dev.postern.attach;

import static dev.postern.attach.SecureCpuFixture.MIB;
import static dev.postern.attach.SecureCpuFixture.PAGE;
import static dev.postern.attach.SecureCpuFixture.PRIVATE_PA;
import static dev.postern.attach.SecureCpuFixture.assertFatal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs.Instruction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnpCpuTest {

    private static final long C_BIT = 1L << 51;
    private static final long RESCIND = 0;
    private static final long VALIDATE = 1;
    private static final long PRIVATE = 1;
    private static final long SHARED = 2;
    private static final long PSC_OK = 0x015;

    private final SecureCpuFixture fixture = new SecureCpuFixture(SecurePlatform.SEV_SNP);
    private final SecureCpu cpu = fixture.cpu;

    @AfterEach
    void close() {
        fixture.close();
    }

    private long[] pvalidate(long pa, long size, long state) {
        return cpu.execute(Instruction.PVALIDATE, pa, size, state);
    }

    private long changeState(long pa, long operation) {
        return cpu.execute(Instruction.VMGEXIT, operation << 52 | pa | 0x014)[0];
    }

    private static void assertRefused(long answer) {
        assertEquals(PSC_OK, answer & 0xfff);
        assertTrue(answer >>> 32 != 0, "the upper half says that nothing was done");
    }

    @Test
    void theFactsAreThoseOfAGuestWithSnpOn() {
        assertEquals(CpuFacts.Architecture.X86_64, cpu.architecture());
        assertTrue(Integer.compareUnsigned(cpu.cpuid(0x80000000, 0).eax(), 0x8000001f) >= 0);
        CpuFacts.Cpuid encryption = cpu.cpuid(0x8000001f, 0);
        assertEquals(0b11010, encryption.eax() & 0b11010, "SEV, SEV-ES, SEV-SNP");
        assertEquals(51, encryption.ebx() & 0x3f);
        assertEquals(0b111, cpu.register(0xc0010131).orElseThrow());
        assertTrue(cpu.register(0xc0010010).isEmpty());
        assertTrue(Integer.compareUnsigned(cpu.cpuid(0, 0).eax(), 0x21) < 0, "no leaf of TDX");
        assertEquals(CpuFacts.Cpuid.NONE, cpu.cpuid(0x21, 0));
    }

    @Test
    void aPageIsSharedAndTakenBackAndLosesItsContentEachTime() {
        long pa = 3 * MIB;
        fixture.mark(pa - PAGE, 3 * PAGE);
        assertArrayEquals(new long[] {0, 0}, pvalidate(pa, 0, RESCIND));
        assertFalse(cpu.shared(pa));
        assertEquals(PSC_OK, changeState(pa, SHARED));
        assertTrue(cpu.shared(pa));
        assertFalse(cpu.shared(pa + PAGE));
        fixture.assertScrambled(pa, PAGE);
        fixture.mark(pa, PAGE);
        cpu.mapPages(pa, PAGE, 0);
        fixture.assertScrambled(pa, PAGE);
        fixture.mark(pa, PAGE);
        cpu.mapPages(pa, PAGE, 0);
        fixture.assertKept(pa, PAGE);

        cpu.mapPages(pa, PAGE, C_BIT);
        fixture.assertScrambled(pa, PAGE);
        fixture.mark(pa, PAGE);
        assertEquals(PSC_OK, changeState(pa, PRIVATE));
        fixture.assertScrambled(pa, PAGE);
        assertFalse(cpu.shared(pa));
        assertArrayEquals(new long[] {0, 0}, pvalidate(pa, 0, VALIDATE));
        fixture.assertKept(pa - PAGE, PAGE);
        fixture.assertKept(pa + PAGE, PAGE);
    }

    @Test
    void aValidationThatChangesNothingSetsTheCarryFlag() {
        assertArrayEquals(new long[] {0, 1}, pvalidate(MIB, 0, VALIDATE));
        assertArrayEquals(new long[] {0, 0}, pvalidate(MIB, 0, RESCIND));
        assertArrayEquals(new long[] {0, 1}, pvalidate(MIB, 0, RESCIND));
        assertArrayEquals(new long[] {0, 0}, pvalidate(MIB, 0, VALIDATE));
    }

    @Test
    void aPageThatCameBackMustBeValidatedAgain() {
        changeState(MIB, SHARED);
        changeState(MIB, PRIVATE);
        assertArrayEquals(new long[] {0, 0}, pvalidate(MIB, 0, VALIDATE), "it was not validated, so this is a change");
    }

    @Test
    void wrongInputsAndSizesAreAnsweredWithTheirCodes() {
        assertArrayEquals(new long[] {1, 0}, pvalidate(MIB, 2, VALIDATE));
        assertArrayEquals(new long[] {1, 0}, pvalidate(MIB, 0, 2));
        assertArrayEquals(new long[] {1, 0}, pvalidate(MIB + 1, 0, VALIDATE));
        assertArrayEquals(new long[] {6, 0}, pvalidate(2 * MIB, 1, VALIDATE), "all pages are of 4 KiB");
    }

    @Test
    void whatIsOutsideTheWindowIsNotConverted() {
        for (long pa : new long[] {PRIVATE_PA, 8 * MIB, 0xa0000, PRIVATE_PA + 2 * MIB}) {
            assertRefused(changeState(pa, SHARED));
            assertRefused(changeState(pa, PRIVATE));
        }
        assertRefused(changeState(MIB, 3));
        assertRefused(changeState(MIB, 0));
        assertFalse(cpu.shared(PRIVATE_PA));
        assertFalse(cpu.shared(MIB));
        assertArrayEquals(new long[] {0, 1}, pvalidate(PRIVATE_PA, 0, VALIDATE));
        assertArrayEquals(new long[] {1, 0}, pvalidate(PRIVATE_PA, 0, RESCIND));
        cpu.mapPages(PRIVATE_PA, PAGE, C_BIT);
        cpu.mapPages(0xd0000000L, PAGE, 0);
    }

    @Test
    void whatSiliconAnswersWithTheEndOfTheGuestEndsIt() {
        changeState(MIB, SHARED);
        assertFatal("not assigned", () -> pvalidate(MIB, 0, VALIDATE));
        assertFatal("not assigned", () -> pvalidate(MIB, 0, RESCIND));
        assertFatal("not assigned", () -> pvalidate(8 * MIB, 0, VALIDATE));
        assertFatal("0x100", () -> cpu.execute(Instruction.VMGEXIT, 0x100));
        assertFatal("C-bit 51", () -> cpu.mapPages(MIB, PAGE, 1L << 50));
        assertFatal("without the C-bit", () -> cpu.mapPages(PRIVATE_PA, PAGE, 0));
        assertFatal("TDCALL", () -> cpu.execute(Instruction.TDCALL, 1));
        assertFatal("ULTRAVISOR_CALL", () -> cpu.execute(Instruction.ULTRAVISOR_CALL, 0xf130));
    }

    @Test
    void pagesAreMappedWhole() {
        for (long[] wrong : new long[][] {{MIB + 1, PAGE}, {MIB, PAGE - 1}, {MIB, 0}, {-PAGE, PAGE}}) {
            assertThrows(IllegalArgumentException.class, () -> cpu.mapPages(wrong[0], wrong[1], C_BIT));
        }
    }
}
