package dev.postern.emulated.platform;

import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;

/** Writes down what the guest did wrong with its platform, and ends the machine where the platform would. */
final class PlatformErrors {

    private static final String WHO = "platform";

    private final String prefix;
    private final Journal journal;
    private final Power power;

    /**
     * Errors of one platform.
     *
     * @param prefix starts each clause, such as {@code tdx}
     */
    PlatformErrors(String prefix, Journal journal, Power power) {
        this.prefix = prefix;
        this.journal = journal;
        this.power = power;
    }

    void checkPower() {
        power.check();
    }

    /** Notes an error that the guest survives. */
    void note(String rule, String what) {
        journal.guestError(WHO, prefix + ":" + rule, what);
    }

    /** Notes an error that it does not survive, and ends the machine. */
    MachineDiedException fatal(String rule, String what) {
        note(rule, what);
        return power.die("the guest died: " + what + " [" + prefix + ":" + rule + "]");
    }

    /** The CPU does not know the instruction. */
    MachineDiedException undefined(Instruction instruction) {
        return fatal("undefined-instruction", instruction + " on a CPU that does not have it");
    }

    /** The guest asked for its end. */
    MachineDiedException stopped(String what) {
        return power.die(what);
    }
}
