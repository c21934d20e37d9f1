package dev.postern.machine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One machine, as raw pins.
 *
 * <p><b>Ownership:</b> whoever creates a machine closes it; the guest only borrows it. The segments of {@link #ram()}
 * live until {@link #close()} and must not be touched afterwards.
 *
 * <p><b>Threads:</b> registers, ports, {@link #cpu()} and interrupt lines are used by one thread at a time, the guest's.
 * RAM may be read and written by the device side at any moment, so the guest orders its accesses with fences.
 *
 * <p><b>Errors:</b> every access may throw {@link MachineDiedException} when the machine has stopped for good.
 */
public interface Machine extends AutoCloseable {

    /** The name that the command line and the log use, such as {@code emulated} or {@code qemu-q35}. */
    String name();

    /** The RAM, in ascending order of address, without overlap; holes between the regions are not RAM. */
    List<RamRegion> ram();

    /**
     * The part of the RAM that can be shared with devices on a secure platform; all of it unless the machine keeps the rest to
     * itself.
     */
    default List<RamRegion> shareableRam() {
        return ram();
    }

    /** The CPU that waits and tells the time. */
    Cpu cpu();

    /**
     * Registers in the physical address space.
     *
     * <p>An address that belongs to no device reads as all ones and ignores writes, as on a PC.
     */
    RegisterSpace registers();

    /** The x86 port space, where the architecture has one. */
    Optional<PortSpace> ports();

    /** The inputs of the interrupt controller, where lines can be watched. */
    Optional<InterruptLines> interruptLines();

    /**
     * Where the boot protocol says the ACPI root pointer (RSDP) is; empty when it says nothing and the guest must look
     * for one, or when no firmware ran.
     */
    OptionalLong acpiRootPa();

    /**
     * The flattened device tree that the boot protocol hands over; empty where there is none. Whoever reads it must not trust it.
     */
    default Optional<byte[]> deviceTree() {
        return Optional.empty();
    }

    /**
     * Where the Xen boot protocol for paravirtualised guests says that {@code struct start_info} is, a guest-physical address; empty
     * under any other protocol. Addresses in the structure that Xen gives as virtual are guest-physical ones here, as though memory were
     * mapped to itself.
     */
    default OptionalLong xenStartInfoPa() {
        return OptionalLong.empty();
    }

    /** Where devices in other processes can be reached, in the order in which the guest names them. */
    default List<Channel> channels() {
        return List.of();
    }

    /** What the CPU says of itself, where the machine lets the guest ask. */
    default Optional<CpuFacts> cpuFacts() {
        return Optional.empty();
    }

    /** What only a kernel can do, where the machine lets the guest do it. */
    default Optional<PrivilegedActs> privilegedActs() {
        return Optional.empty();
    }

    /** Stops the machine and everything it started. Safe to call twice; never throws. */
    @Override
    void close();
}
