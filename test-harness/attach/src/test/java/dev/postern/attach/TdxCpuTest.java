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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TdxCpuTest {

    private static final long SHARED_BIT = 1L << 51;
    private static final long ALL_PASSED = 0xfc00;
    private static final int R10 = 5;
    private static final int R11 = 6;
    private static final long INVALID_OPERAND = 0x8000000000000000L;
    private static final long ALIGN_ERROR = 0x8000000000000002L;
    private static final long OPERAND_INVALID_RCX = 0xc000010000000001L;
    private static final long ALREADY_ACCEPTED = 0x00000b0a00000000L;
    private static final long SIZE_MISMATCH = 0xc0000b0b00000000L;

    private final SecureCpuFixture fixture = new SecureCpuFixture(SecurePlatform.TDX);
    private final SecureCpu cpu = fixture.cpu;

    @AfterEach
    void close() {
        fixture.close();
    }

    private long[] mapGpa(long gpa, long length) {
        return cpu.execute(Instruction.TDCALL, 0, ALL_PASSED, 0, 0, 0, 0, 0x10001, gpa, length);
    }

    private long accept(long operand) {
        return cpu.execute(Instruction.TDCALL, 6, operand)[0];
    }

    @Test
    void theFactsAreThoseOfATrustDomainOf52Bits() {
        assertEquals(CpuFacts.Architecture.X86_64, cpu.architecture());
        assertTrue(Integer.compareUnsigned(cpu.cpuid(0, 0).eax(), 0x21) >= 0);
        CpuFacts.Cpuid leaf = cpu.cpuid(0x21, 0);
        ByteBuffer text = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        text.putInt(leaf.ebx()).putInt(leaf.edx()).putInt(leaf.ecx());
        assertEquals("IntelTDX    ", new String(text.array(), StandardCharsets.US_ASCII));
        assertEquals(CpuFacts.Cpuid.NONE, cpu.cpuid(0x8000001f, 0));
        assertTrue(cpu.register(0xc0010131).isEmpty());
        long[] info = cpu.execute(Instruction.TDCALL, 1);
        assertEquals(11, info.length);
        assertEquals(0, info[0]);
        assertEquals(52, info[1]);
    }

    @Test
    void pagesAreSharedAndTakenBackAndLoseTheirContentEachTime() {
        long pa = 3 * MIB;
        long length = 4 * PAGE;
        fixture.mark(pa - PAGE, length + 2 * PAGE);
        cpu.mapPages(pa, length, SHARED_BIT);
        fixture.assertScrambled(pa, length);
        fixture.mark(pa, length);
        long[] shared = mapGpa(pa | SHARED_BIT, length);
        assertEquals(0, shared[0]);
        assertEquals(0, shared[R10]);
        fixture.assertScrambled(pa, length);
        assertTrue(cpu.shared(pa) && cpu.shared(pa + length - 1));
        assertFalse(cpu.shared(pa - 1) || cpu.shared(pa + length));
        fixture.mark(pa, length);
        assertEquals(0, mapGpa(pa | SHARED_BIT, length)[R10]);
        fixture.assertKept(pa, length);

        assertEquals(0, mapGpa(pa, PAGE)[R10]);
        fixture.assertScrambled(pa, PAGE);
        fixture.assertKept(pa + PAGE, PAGE);
        assertFalse(cpu.shared(pa));
        assertEquals(0, accept(pa));
        assertEquals(ALREADY_ACCEPTED, accept(pa));
        fixture.mark(pa, PAGE);
        cpu.mapPages(pa, PAGE, 0);
        fixture.assertScrambled(pa, PAGE);
        fixture.assertKept(pa - PAGE, PAGE);
        fixture.assertKept(pa + length, PAGE);
    }

    @Test
    void aLargeConversionIsDoneInStepsThatSayWhereToGoOn() {
        long pa = 3 * MIB;
        long[] first = mapGpa(pa | SHARED_BIT, 4 * MIB);
        assertEquals(1, first[R10]);
        assertEquals(4 * MIB | SHARED_BIT, first[R11]);
        assertTrue(cpu.shared(4 * MIB - 1));
        assertFalse(cpu.shared(4 * MIB));
        assertEquals(6 * MIB | SHARED_BIT, mapGpa(first[R11], 3 * MIB)[R11]);
        assertEquals(0, mapGpa(6 * MIB | SHARED_BIT, MIB)[R10]);
        assertTrue(cpu.shared(7 * MIB - 1));
        assertFalse(cpu.shared(7 * MIB));
    }

    @Test
    void whatIsOutsideTheWindowIsNotConverted() {
        for (long[] range : new long[][] {
            {PRIVATE_PA, PAGE}, {8 * MIB, PAGE}, {8 * MIB - PAGE, 2 * PAGE}, {0x9f000, 2 * PAGE}, {MIB, 1L << 62}
        }) {
            for (long bit : new long[] {0, SHARED_BIT}) {
                long[] refused = mapGpa(range[0] | bit, range[1] & -PAGE);
                assertEquals(0, refused[0]);
                assertEquals(INVALID_OPERAND, refused[R10], Arrays.toString(range));
                assertEquals(range[0] | bit, refused[R11]);
            }
        }
        assertFalse(cpu.shared(8 * MIB - PAGE) || cpu.shared(0x9f000) || cpu.shared(PRIVATE_PA));
        assertEquals(ALREADY_ACCEPTED, accept(PRIVATE_PA));
    }

    /** The guest changes its page table first, so it must live to hear the refusal. */
    @Test
    void anAttemptToSharePrivateRamEndsInTheHostsRefusal() {
        cpu.mapPages(PRIVATE_PA, PAGE, SHARED_BIT);
        assertEquals(INVALID_OPERAND, mapGpa(PRIVATE_PA | SHARED_BIT, PAGE)[R10]);
        assertFalse(cpu.shared(PRIVATE_PA));
        cpu.mapPages(PRIVATE_PA, PAGE, 0);
    }

    @Test
    void whatIsNotWholePagesIsAnAlignmentError() {
        assertEquals(ALIGN_ERROR, mapGpa(MIB + 1, PAGE)[R10]);
        assertEquals(ALIGN_ERROR, mapGpa(MIB, PAGE + 1)[R10]);
        assertEquals(ALIGN_ERROR, mapGpa(MIB, 0)[R10]);
    }

    @Test
    void onlyTheRegistersInTheMaskArePassed() {
        long withoutLength = ALL_PASSED & ~(1 << 13);
        long[] result = cpu.execute(Instruction.TDCALL, 0, withoutLength, 0, 0, 0, 0, 0x10001, MIB | SHARED_BIT, PAGE);
        assertEquals(ALIGN_ERROR, result[R10], "the host sees a length of 0");
        assertEquals(PAGE, result[8], "and the guest's register is as it was");
        long[] unanswered = cpu.execute(
                Instruction.TDCALL, 0, ALL_PASSED & ~(1 << 10), 0, 0, 0, 77, 0x10001, MIB | SHARED_BIT, PAGE);
        assertEquals(77, unanswered[R10], "a status that is not passed back is not seen");
        for (int register : new int[] {0, 1, 4, 32}) {
            assertEquals(
                    OPERAND_INVALID_RCX,
                    cpu.execute(Instruction.TDCALL, 0, ALL_PASSED | 1L << register)[0],
                    "register " + register);
        }
    }

    @Test
    void wrongOperandsAreAnsweredWithTheirCodes() {
        assertEquals(INVALID_OPERAND, cpu.execute(Instruction.TDCALL, 0, ALL_PASSED, 0, 0, 0, 0, 0x10002)[R10]);
        assertEquals(INVALID_OPERAND, cpu.execute(Instruction.TDCALL, 0, ALL_PASSED, 0, 0, 0, 1, 0x10001)[R10]);
        assertEquals(0xc000010000000000L, cpu.execute(Instruction.TDCALL, 99)[0]);
        assertEquals(SIZE_MISMATCH, accept(2 * MIB | 1));
        assertEquals(OPERAND_INVALID_RCX, accept(MIB | 2));
        assertEquals(OPERAND_INVALID_RCX, accept(MIB | 8));
        assertEquals(OPERAND_INVALID_RCX, accept(MIB | SHARED_BIT));
    }

    @Test
    void whatSiliconAnswersWithTheEndOfTheGuestEndsIt() {
        mapGpa(MIB | SHARED_BIT, PAGE);
        assertFatal("EPT violation", () -> accept(MIB));
        assertFatal("EPT violation", () -> accept(8 * MIB));
        assertFatal("shared bit 51", () -> cpu.mapPages(MIB, PAGE, 1L << 47));
        assertFatal("PVALIDATE", () -> cpu.execute(Instruction.PVALIDATE, MIB, 0, 1));
    }
}
