package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;

/**
 * What the ultravisor of an IBM Z says to a call (Linux, arch/s390/include/asm/uv.h, UVC_CC and UVC_RC constants, and uv_call, which
 * repeats a call that was busy or only partly done).
 *
 * @param condition the condition code: 0 done, 1 error, 2 busy, 3 partly done
 * @param returnCode why, in the header of the control block
 * @param words what the ultravisor wrote, in the order of the control block
 */
record UvcAnswer(long condition, long returnCode, long[] words) {

    /** Calls that are busy or partly done are repeated so often; a real ultravisor needs a few, one that never ends is broken. */
    static final int MOST_CALLS = 10_000;

    private static final int CONDITION = 0;
    private static final int RETURN_CODE = 1;
    private static final int WORDS = 2;
    private static final long DONE = 0;
    private static final long BUSY = 2;

    /**
     * Makes a call.
     *
     * @param controlBlock the eight-byte words of the control block behind its header
     */
    static UvcAnswer of(PrivilegedActs acts, long command, long... controlBlock) {
        long[] operands = new long[1 + controlBlock.length];
        operands[0] = command;
        System.arraycopy(controlBlock, 0, operands, 1, controlBlock.length);
        UvcAnswer answer;
        int calls = 0;
        do {
            long[] result = acts.execute(Instruction.UVC, operands);
            long[] words = new long[Math.max(0, result.length - WORDS)];
            System.arraycopy(result, Math.min(WORDS, result.length), words, 0, words.length);
            answer = new UvcAnswer(result[CONDITION], result[RETURN_CODE], words);
        } while (answer.condition >= BUSY && ++calls < MOST_CALLS);
        return answer;
    }

    /** Whether the call was carried out. */
    boolean executed() {
        return condition == DONE;
    }

    /** A word that the ultravisor wrote; 0 for one that it did not. */
    long word(int index) {
        return index < words.length ? words[index] : 0;
    }

    @Override
    public String toString() {
        return "condition code %d, return code 0x%x".formatted(condition, returnCode);
    }
}
