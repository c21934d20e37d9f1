package dev.postern.platform;

import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.DeviceTreeProperty;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Arm: a realm (CCA) has a realm manager beneath that answers SMC; a protected guest of pKVM has a hypervisor beneath that answers HVC
 * and has the calls that share memory.
 *
 * <p>Which instruction is answered at all is said by the device tree, in the method of its node for PSCI; the other one may be fatal.
 * Where nothing is said, SMC is asked first: an ordinary hypervisor answers that it knows no such call (Linux,
 * arch/arm64/kernel/rsi.c, arm64_rsi_init; drivers/firmware/smccc/kvm_guest.c, kvm_init_hyp_services;
 * drivers/virt/coco/pkvm-guest/arm-pkvm-guest.c, pkvm_init_hyp_services; Documentation/devicetree/bindings/arm/psci.yaml).
 */
final class ArmDetection {

    private static final int X0 = 0;
    private static final int X1 = 1;
    private static final int X2 = 2;
    private static final int X3 = 3;

    private static final long NOT_SUPPORTED = -1;
    private static final long RSI_VERSION = 0xc4000190L;
    private static final long RSI_VERSION_1_0 = 0x10000;
    private static final long RSI_REALM_CONFIG = 0xc4000196L;
    private static final long RSI_SUCCESS = 0;
    private static final long PAGE = 4096;
    /** The first word of the realm's configuration: how many bits its addresses have. */
    private static final ValueLayout.OfLong CONFIG_ADDRESS_BITS =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long HYPERVISOR_UID = 0x8600ff01L;
    private static final int[] KVM_UID = {0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d};
    private static final long KVM_FEATURES = 0x86000000L;
    private static final long KVM_HYP_MEMINFO = 0xc6000002L;
    /** Features number 2 to 4: HYP_MEMINFO, MEM_SHARE and MEM_UNSHARE. */
    private static final long SHARING_FEATURES = 0b11100;

    private static final long LARGEST_GRANULE = 64 * 1024;

    private final RawFacts facts;

    private ArmDetection(RawFacts facts) {
        this.facts = facts;
    }

    static Optional<SecurePlatform> detect(RawFacts facts) throws UnknownPlatformException {
        return new ArmDetection(facts).detect();
    }

    private Optional<SecurePlatform> detect() throws UnknownPlatformException {
        Optional<String> method = psciMethod();
        if (method.isEmpty()) {
            facts.note("SMC is asked, then HVC", "no device tree says which of them is answered");
            Optional<SecurePlatform> realm = realm();
            return realm.isPresent() ? realm : protectedGuest();
        }
        facts.note("calls are made by " + method.get(), "device tree, method of the node for PSCI");
        return switch (method.get()) {
            case "smc" -> realm();
            case "hvc" -> protectedGuest();
            default ->
                throw new UnknownPlatformException(
                        "the device tree has calls made by \"%s\"; smc and hvc are possible".formatted(method.get()));
        };
    }

    private Optional<String> psciMethod() {
        return facts.tree()
                .flatMap(tree -> tree.root()
                        .all()
                        .filter(ArmDetection::isPsci)
                        .findFirst()
                        .flatMap(node -> node.property("method"))
                        .map(DeviceTreeProperty::string));
    }

    private static boolean isPsci(DeviceTreeNode node) {
        return node.isCompatible("arm,psci-1.0") || node.isCompatible("arm,psci-0.2") || node.isCompatible("arm,psci");
    }

    private Optional<SecurePlatform> realm() throws UnknownPlatformException {
        long[] version = facts.acts().execute(Instruction.SECURE_MONITOR_CALL, RSI_VERSION, RSI_VERSION_1_0);
        // The call is of the 64-bit kind, but firmware that knows none of them may answer with 32 bits.
        if ((int) version[X0] == NOT_SUPPORTED) {
            facts.note("not a realm", "RSI_VERSION is not supported");
            return Optional.empty();
        }
        if (version[X0] != RSI_SUCCESS) {
            throw new UnknownPlatformException(
                    "a realm whose services are of version %s to %s (RSI_VERSION answers %d): this guest needs 1.0; start it on a realm manager that has it"
                            .formatted(versionText(version[X1]), versionText(version[X2]), version[X0]));
        }
        facts.note("a realm, services of version " + versionText(version[X1]), "RSI_VERSION");
        int bits = facts.addressBit(addressBits() - 1, "RSI_REALM_CONFIG, width of an address less 1") + 1;
        facts.note(
                "addresses have %d bits, the highest leads to shared memory".formatted(bits),
                "RSI_REALM_CONFIG, first word");
        return Optional.of(new SecurePlatform("cca", new RealmPageSharing(facts.acts(), bits, facts.shareable())));
    }

    /**
     * The realm manager writes its answer into a page of the guest's private memory. No memory is handed out yet, so a page is lent:
     * what it holds is put back.
     */
    private int addressBits() throws UnknownPlatformException {
        RamRegion region = facts.ram().getLast();
        long pa = region.endPa() - PAGE;
        MemorySegment page = region.segment().asSlice(region.size() - PAGE, PAGE);
        byte[] before = page.toArray(ValueLayout.JAVA_BYTE);
        try {
            long answer = facts.acts().execute(Instruction.SECURE_MONITOR_CALL, RSI_REALM_CONFIG, pa)[X0];
            if (answer != RSI_SUCCESS) {
                throw new UnknownPlatformException(
                        "a realm that does not tell its configuration (RSI_REALM_CONFIG answers %d): the shared half of its addresses is not known"
                                .formatted(answer));
            }
            long bits = page.get(CONFIG_ADDRESS_BITS, 0);
            // A width beyond an int is as impossible as a negative one, which the check of the bit refuses.
            return bits == (int) bits ? (int) bits : -1;
        } finally {
            MemorySegment.copy(before, 0, page, ValueLayout.JAVA_BYTE, 0, before.length);
        }
    }

    private Optional<SecurePlatform> protectedGuest() throws UnknownPlatformException {
        long[] uid = facts.acts().execute(Instruction.HYPERVISOR_CALL, HYPERVISOR_UID);
        for (int i = X0; i <= X3; i++) {
            if ((int) uid[i] != KVM_UID[i]) {
                facts.note("the hypervisor is not KVM", "its unique id, word %d is 0x%08x".formatted(i, (int) uid[i]));
                return Optional.empty();
            }
        }
        long features = facts.acts().execute(Instruction.HYPERVISOR_CALL, KVM_FEATURES)[X0];
        String where = "KVM's services 0x%x".formatted(features);
        if ((features & SHARING_FEATURES) == 0) {
            facts.note("not a protected guest: KVM has no calls that share memory", where);
            return Optional.empty();
        }
        if ((features & SHARING_FEATURES) != SHARING_FEATURES) {
            throw new UnknownPlatformException(
                    "%s have some of HYP_MEMINFO, MEM_SHARE and MEM_UNSHARE (2 to 4), not all: memory could be shared or taken back, not both; use a hypervisor with all three"
                            .formatted(where));
        }
        facts.note("a protected guest: KVM has calls that share memory", where);
        long granule = facts.acts().execute(Instruction.HYPERVISOR_CALL, KVM_HYP_MEMINFO, 0, 0, 0)[X0];
        if (granule < PAGE || granule > LARGEST_GRANULE || Long.bitCount(granule) != 1) {
            throw new UnknownPlatformException(
                    "HYP_MEMINFO says that memory is shared by %d bytes; a power of two from %d to %d is possible"
                            .formatted(granule, PAGE, LARGEST_GRANULE));
        }
        facts.note("memory is shared by %d bytes".formatted(granule), "HYP_MEMINFO");
        return Optional.of(new SecurePlatform("pkvm", new PkvmPageSharing(facts.acts(), granule, facts.shareable())));
    }

    private static String versionText(long version) {
        return "%d.%d".formatted(version >>> 16 & 0x7fff, version & 0xffff);
    }
}
