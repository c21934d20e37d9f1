package dev.postern.machine;

/**
 * What only a kernel can do: instructions that reach whatever is beneath the guest, and its own page tables. Raw, as the
 * architecture defines them; their meaning and order are the guest's business.
 *
 * <p>An act that the architecture would answer with a fatal fault stops the machine: {@link MachineDiedException} names it.
 */
public interface PrivilegedActs {

    /** An instruction that leaves the guest or changes the state of a page. */
    enum Instruction {
        /**
         * AMD SEV-ES and SEV-SNP: leaves to the hypervisor with a request in the GHCB model-specific register (0xC0010130). The
         * operand is the value written to it, the result what it reads afterwards (GHCB specification, "MSR protocol").
         */
        VMGEXIT,
        /**
         * AMD SEV-SNP: operands are the page's guest-physical address, its size (0: 4 KiB, 1: 2 MiB) and 1 to validate or 0 to
         * rescind. Results are the return code and the carry flag, which is 1 when nothing changed.
         */
        PVALIDATE,
        /**
         * Intel TDX: operands are the leaf in RAX and then RCX, RDX, R8 to R15; results are RAX, RCX, RDX, R8 to R15.
         */
        TDCALL,
        /**
         * POWER: the call to the ultravisor; operands are the call's number in R3 and its arguments from R4; results are R3 and then R4
         * to R7.
         */
        ULTRAVISOR_CALL,
        /**
         * Arm: the HVC instruction to the hypervisor, by the SMC calling convention: operands are X0 (the function) to X7, results X0
         * to X3.
         */
        HYPERVISOR_CALL,
        /**
         * Arm: the SMC instruction, in a realm to the realm manager: operands are X0 (the function) to X7, results X0 to X3.
         */
        SECURE_MONITOR_CALL,
        /**
         * IBM Z: the ultravisor call, UVC. Operands are the command code and then the eight-byte words of its control block behind the
         * header, reserved ones included; results are the condition code, the return code and the words that the ultravisor wrote, in
         * the order of the block.
         */
        UVC,
        /**
         * Hyper-V: the hypercall page. Operands are the call's control word and then the eight-byte words of its input; results are the
         * result word and then the words of its output.
         */
        HYPERV_CALL,
        /**
         * Xen: a hypercall. Operands are its number and its arguments; an argument that points to a structure is the guest-physical
         * address of one in RAM, as though memory were mapped to itself. The result is the value that it returns, negative for an error.
         */
        XEN_HYPERCALL,
        /**
         * Writes the cache lines of a range back to memory, so that a device which is not snooped finds what the CPU stored (Arm: DC
         * CVAC for each line, then DSB). Operands are the guest-physical address of the first byte and the length in bytes; every line
         * that the range touches is written back. No result.
         */
        CACHE_CLEAN,
        /**
         * Discards the cache lines of a range, so that the CPU finds what a device which is not snooped has stored (Arm: DC IVAC for
         * each line, then DSB). Stores of the CPU to these lines that were not written back are lost. Operands as for
         * {@link #CACHE_CLEAN}. No result.
         */
        CACHE_INVALIDATE
    }

    /** How the CPU reaches memory. */
    enum Caching {
        /** Through its caches, as ordinary memory. */
        WRITE_BACK,
        /** Past its caches: it sees at once what any device stores, and the other way round. */
        UNCACHED
    }

    /**
     * Executes an instruction.
     *
     * @param operands in the order that the instruction's description gives; missing ones are 0
     * @return results in that order
     */
    long[] execute(Instruction instruction, long... operands);

    /**
     * Rewrites the guest's page-table entries for some pages and flushes the TLB: from now on the CPU reaches them through these
     * physical address bits (AMD: the C-bit; Intel: the shared bit). The segments of {@link Machine#ram()} always show what the
     * CPU sees through its present page tables.
     *
     * @param basePa a multiple of 4096, without the bits
     * @param length a multiple of 4096
     * @param addressBits the bits to set in the entries; all other bits beyond the RAM address are cleared
     */
    void mapPages(long basePa, long length, long addressBits);

    /**
     * Rewrites the guest's page-table entries for some pages and flushes the TLB: from now on the CPU reaches them in this way. Lines
     * that are in the cache stay there; clean or invalidate them first, or they come back later. Without effect where all devices
     * are snooped.
     *
     * @param basePa a multiple of 4096
     * @param length a multiple of 4096
     */
    default void mapCaching(long basePa, long length, Caching caching) {}
}
