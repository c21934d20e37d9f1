package dev.postern.platform;

import dev.postern.fakes.FakeCpu;
import dev.postern.fakes.FakeRam;
import dev.postern.machine.Cpu;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A machine that can be asked what platform it is, and nothing else. */
public final class FakeGuest implements Machine, CpuFacts {

    private final Architecture architecture;
    private final Map<Integer, Cpuid> leaves = new HashMap<>();
    private final Map<Integer, Long> registers = new HashMap<>();
    private final Set<Integer> facilities = new HashSet<>();
    private final FakeActs acts = new FakeActs();
    private List<RamRegion> ram = List.of(FakeRam.region(0x8000_0000L, 1 << 20));
    private Optional<byte[]> tree = Optional.empty();
    private OptionalLong startInfoPa = OptionalLong.empty();
    private boolean mute;

    /** A machine of that architecture, with 1 MiB of RAM at 2 GiB. */
    public FakeGuest(Architecture architecture) {
        this.architecture = architecture;
    }

    /** A CPUID leaf. */
    public FakeGuest leaf(int leaf, int eax, int ebx, int ecx, int edx) {
        leaves.put(leaf, new Cpuid(eax, ebx, ecx, edx));
        return this;
    }

    /** A special register. */
    public FakeGuest register(int number, long value) {
        registers.put(number, value);
        return this;
    }

    /** A facility that is installed. */
    public FakeGuest withFacility(int number) {
        facilities.add(number);
        return this;
    }

    /** Its only RAM. */
    public FakeGuest ram(RamRegion region) {
        ram = List.of(region);
        return this;
    }

    /** Its device tree. */
    public FakeGuest tree(byte[] blob) {
        tree = Optional.of(blob);
        return this;
    }

    /** Where Xen's start_info is said to be. */
    public FakeGuest startInfoPa(long pa) {
        startInfoPa = OptionalLong.of(pa);
        return this;
    }

    /** Lets nobody ask the CPU or act on it. */
    public FakeGuest mute() {
        mute = true;
        return this;
    }

    /** Its acts. */
    public FakeActs acts() {
        return acts;
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return leaves.getOrDefault(leaf, Cpuid.NONE);
    }

    @Override
    public OptionalLong register(int number) {
        Long value = registers.get(number);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Override
    public boolean facility(int number) {
        return facilities.contains(number);
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public List<RamRegion> ram() {
        return ram;
    }

    @Override
    public Cpu cpu() {
        return new FakeCpu(1000, 0);
    }

    @Override
    public RegisterSpace registers() {
        throw new AssertionError("detection touches no register");
    }

    @Override
    public Optional<PortSpace> ports() {
        return Optional.empty();
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return Optional.empty();
    }

    @Override
    public OptionalLong acpiRootPa() {
        return OptionalLong.empty();
    }

    @Override
    public Optional<byte[]> deviceTree() {
        return tree;
    }

    @Override
    public OptionalLong xenStartInfoPa() {
        return startInfoPa;
    }

    @Override
    public Optional<CpuFacts> cpuFacts() {
        return mute ? Optional.empty() : Optional.of(this);
    }

    @Override
    public Optional<PrivilegedActs> privilegedActs() {
        return mute ? Optional.empty() : Optional.of(acts);
    }

    @Override
    public void close() {}
}
