package dev.postern.emulated.platform;

import dev.postern.emulated.Platform;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.PhysicalRam;
import dev.postern.emulated.firmware.ArmTree;
import dev.postern.emulated.firmware.PortNode;
import dev.postern.emulated.mischief.SharingMischief;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a platform puts around the guest.
 *
 * @param facts what the CPU says of itself
 * @param acts what a kernel can do
 * @param view what devices see of memory
 * @param readable what devices could read now
 * @param settle to be run whenever devices rest and the guest runs again
 * @param deviceTree what the boot protocol hands over beside the tables of ACPI
 * @param xenStartInfoPa where a paravirtualised Xen guest finds what the domain builder left
 * @param release gives back what the platform keeps beside the RAM
 */
public record Surroundings(
        CpuFacts facts,
        PrivilegedActs acts,
        DmaView view,
        DeviceReadable readable,
        Runnable settle,
        Optional<TreeWriter> deviceTree,
        OptionalLong xenStartInfoPa,
        Runnable release)
        implements AutoCloseable {

    private static final long SMALL_PAGE = 4096;

    /** GHCB specification 2.0, hypervisor features: SEV-SNP is bit 0. */
    private static final long SNP_FEATURE = 1;

    /** The page of POWER guests, in which the ultravisor shares memory. */
    public static final long LARGE_PAGE = 65536;

    /** Writes a device tree once the devices are known. */
    @FunctionalInterface
    public interface TreeWriter {

        /** The flattened tree of a machine with these root ports; a platform whose tree names no ports passes over them. */
        byte[] write(List<PortNode> ports);
    }

    /** A platform under which nobody looks for a Xen start info. */
    Surroundings(
            CpuFacts facts,
            PrivilegedActs acts,
            DmaView view,
            DeviceReadable readable,
            Runnable settle,
            Optional<TreeWriter> deviceTree,
            Runnable release) {
        this(facts, acts, view, readable, settle, deviceTree, OptionalLong.empty(), release);
    }

    /**
     * Surrounds a guest.
     *
     * @param platform by what
     * @param memory its RAM; firmware may fill it through its segments before or after
     * @param seed of noise and keys
     * @param journal where the guest's errors go
     * @param power ends the machine on a fatal one
     * @param mischief what the host does wrong; ignored on a plain machine
     */
    public static Surroundings of(
            Platform platform,
            GuestMemory memory,
            long seed,
            Journal journal,
            Power power,
            List<SharingMischief> mischief) {
        HostScript host = new HostScript(mischief);
        return switch (platform) {
            case PLAIN ->
                // No state of any page is kept or asked for.
                new Surroundings(
                        X86Facts.plain(),
                        new PlainActs(new PlatformErrors("x86", journal, power)),
                        new PhysicalRam(memory),
                        new AllOfRam(memory),
                        () -> {},
                        Optional.empty(),
                        () -> {});
            case SEV -> {
                PlatformErrors errors = new PlatformErrors("sev", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                SevPrivatePages unshared = new SevPrivatePages(pages, seed);
                SevActs acts = new SevActs(pages, unshared, X86Facts.SEV_C_BIT, Optional.empty(), errors);
                yield secure(X86Facts.sev(), acts, pages, unshared, errors);
            }
            case SEV_ES -> {
                PlatformErrors errors = new PlatformErrors("sev-es", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                SevPrivatePages unshared = new SevPrivatePages(pages, seed);
                CpuFacts facts = X86Facts.sevEs();
                GhcbMsr ghcb = new GhcbMsr(facts, X86Facts.C_BIT, 0, errors);
                SevActs acts = new SevActs(pages, unshared, X86Facts.C_BIT, Optional.of(ghcb), errors);
                yield secure(facts, acts, pages, unshared, errors);
            }
            case SEV_SNP -> {
                PlatformErrors errors = new PlatformErrors("sev-snp", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new SnpPrivatePages(pages, seed);
                CpuFacts facts = X86Facts.sevSnp();
                GhcbMsr ghcb = new GhcbMsr(facts, X86Facts.C_BIT, SNP_FEATURE, errors);
                yield secure(facts, new SnpActs(ghcb, pages, unshared, host, errors), pages, unshared, errors);
            }
            case TDX -> {
                PlatformErrors errors = new PlatformErrors("tdx", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new OtherBackingPages(pages);
                yield secure(X86Facts.tdx(), new TdxActs(pages, unshared, host, errors), pages, unshared, errors);
            }
            case CCA -> {
                PlatformErrors errors = new PlatformErrors("cca", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new OtherBackingPages(pages);
                DmaView view = new UnprotectedHalf(pages, new SecureRam(pages, unshared, errors), errors);
                PrivilegedActs acts = new CcaActs(pages, unshared, host, errors);
                Optional<TreeWriter> tree = Optional.of(_ -> ArmTree.realm(memory.regions()));
                yield new Surroundings(new ArmFacts(), acts, view, pages, unshared::settle, tree, pages::close);
            }
            case PKVM -> {
                PlatformErrors errors = new PlatformErrors("pkvm", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new PkvmPrivatePages();
                DmaView view = new SecureRam(pages, unshared, errors);
                PrivilegedActs acts = new PkvmActs(pages, host, errors);
                Optional<TreeWriter> tree = Optional.of(_ -> ArmTree.protectedGuest(memory.regions()));
                yield new Surroundings(new ArmFacts(), acts, view, pages, unshared::settle, tree, pages::close);
            }
            case HYPERV_VTOM -> {
                PlatformErrors errors = new PlatformErrors("hyperv-vtom", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new SnpPrivatePages(pages, seed);
                PrivilegedActs acts = new HypervActs(pages, unshared, host, errors);
                yield secure(X86Facts.hypervVtom(), acts, pages, unshared, errors);
            }
            case S390_PV -> {
                PlatformErrors errors = new PlatformErrors("s390-pv", journal, power);
                SecureMemory pages = new SecureMemory(memory, SMALL_PAGE, seed, errors);
                PrivatePages unshared = new ExportedPages(pages, seed, errors, ExportedPages.Words.Z);
                yield secure(new ZFacts(), new UvcActs(pages, unshared, host, errors), pages, unshared, errors);
            }
            case ARM -> ArmSurroundings.plain(memory, journal, power);
            case ARM_POOL -> ArmSurroundings.pool(memory, journal, power);
            case ARM_RANGES -> ArmSurroundings.ranges(memory, journal, power);
            case ARM_NONCOHERENT -> ArmSurroundings.noncoherent(memory, seed, journal, power);
            case XEN_HVM -> XenSurroundings.hvm(memory, seed, journal, power);
            case XEN_PV -> XenSurroundings.pv(memory, seed, journal, power);
            case XEN_DOM0 -> XenSurroundings.dom0(memory, seed, journal, power);
            case XEN_ARM -> XenSurroundings.arm(memory, seed, journal, power);
            case PSERIES_SVM -> {
                PlatformErrors errors = new PlatformErrors("pef", journal, power);
                SecureMemory pages = new SecureMemory(memory, LARGE_PAGE, seed, errors);
                PrivatePages unshared = new ExportedPages(pages, seed, errors, ExportedPages.Words.POWER);
                yield secure(new PowerFacts(), new PefActs(pages, unshared, host, errors), pages, unshared, errors);
            }
        };
    }

    private static Surroundings secure(
            CpuFacts facts, PrivilegedActs acts, SecureMemory pages, PrivatePages unshared, PlatformErrors errors) {
        return new Surroundings(
                facts,
                acts,
                new SecureRam(pages, unshared, errors),
                pages,
                unshared::settle,
                Optional.empty(),
                pages::close);
    }

    @Override
    public void close() {
        release.run();
    }
}
