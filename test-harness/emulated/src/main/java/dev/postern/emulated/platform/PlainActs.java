package dev.postern.emulated.platform;

import dev.postern.machine.PrivilegedActs;

/** A plain x86-64: none of the instructions exists, and there is no address bit to set. */
final class PlainActs implements PrivilegedActs {

    private final PlatformErrors errors;

    PlainActs(PlatformErrors errors) {
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        throw errors.undefined(instruction);
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (addressBits != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x on a plain machine: the next access faults"
                            .formatted(addressBits));
        }
    }
}
