package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.firmware.devicetree.TreeBlob;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArmDetectionTest {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long[] KVM = {0xb66fb428L, 0xe911c52eL, 0x564bcaa9L, 0x743a004dL};
    private static final long[] UNKNOWN = {-1, 0, 0, 0};

    private final RamRegion ram = FakeRam.region(0x8000_0000L, 128 << 20);
    private final FakeGuest guest = new FakeGuest(Architecture.AARCH64).ram(ram);

    private static byte[] tree(String method) {
        return new TreeBlob()
                .begin("")
                .begin("psci")
                .strings("compatible", "arm,psci-1.0")
                .strings("method", method)
                .end()
                .end()
                .blob();
    }

    /** A realm manager with version 1.0, which writes its configuration where it is told to. */
    private FakeGuest realm(long versionStatus, long configStatus, long addressBits) {
        guest.acts().on(Instruction.SECURE_MONITOR_CALL, operands -> {
            if (operands[0] == 0xc4000190L) {
                return new long[] {versionStatus, 0x10000, 0x10000, 0};
            }
            assertEquals(0xc4000196L, operands[0]);
            assertEquals(0, operands[1] % 4096);
            long offset = operands[1] - ram.basePa();
            ram.segment().asSlice(offset, 4096).fill((byte) 0x55);
            ram.segment().set(WORD, offset, addressBits);
            return new long[] {configStatus, 0, 0, 0};
        });
        return guest;
    }

    private FakeGuest hypervisor(long[] uid, long features, long granule) {
        guest.acts().on(Instruction.HYPERVISOR_CALL, operands -> {
            if (operands[0] == 0x8600ff01L) {
                return uid;
            }
            if (operands[0] == 0x86000000L) {
                return new long[] {features, 0, 0, 0};
            }
            assertEquals(0xc6000002L, operands[0]);
            return new long[] {granule, 0, 0, 0};
        });
        return guest;
    }

    private String refusal() {
        String message = assertThrows(UnknownPlatformException.class, () -> PlatformDetection.detect(guest))
                .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private String detected() throws UnknownPlatformException {
        return PlatformDetection.detect(guest).name();
    }

    @Test
    void aRealmIsDetectedAndItsSharedHalfIsAtTheHighestAddressBit() throws UnknownPlatformException {
        realm(0, 0, 48).tree(tree("smc"));
        DetectedPlatform platform = PlatformDetection.detect(guest);
        assertEquals("cca", platform.name());
        assertEquals(1L << 47 | 0x8000_1234L, platform.sharing().orElseThrow().sharedAlias(0x8000_1234L));
        assertTrue(
                platform.trace().toString().contains("RSI_REALM_CONFIG"),
                platform.trace().toString());
    }

    @Test
    void thePageThatIsLentToTheRealmManagerGetsItsContentsBack() throws UnknownPlatformException {
        byte[] before = new byte[4096];
        new java.util.Random(1).nextBytes(before);
        long last = ram.size() - 4096;
        ram.segment().asSlice(last, 4096).copyFrom(java.lang.foreign.MemorySegment.ofArray(before));
        realm(0, 0, 48).tree(tree("smc"));
        detected();
        assertArrayEquals(before, ram.segment().asSlice(last, 4096).toArray(ValueLayout.JAVA_BYTE));
        realm(0, 1, 48);
        refusal();
        assertArrayEquals(before, ram.segment().asSlice(last, 4096).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aRealmWithServicesOfAnotherVersionIsRefused() {
        realm(1, 0, 48).tree(tree("smc"));
        assertTrue(refusal().contains("1.0 to 1.0"));
    }

    @Test
    void aRealmThatDoesNotTellItsAddressWidthIsRefused() {
        realm(0, 1, 48).tree(tree("smc"));
        assertTrue(refusal().contains("RSI_REALM_CONFIG answers 1"));
        for (long bits : List.of(0L, 32L, 53L, -1L, 1L << 40 | 48)) {
            realm(0, 0, bits);
            assertTrue(refusal().contains("RSI_REALM_CONFIG"), Long.toString(bits));
        }
    }

    @Test
    void ramInTheSharedHalfIsRefused() {
        RamRegion high = FakeRam.region(1L << 35, 4096);
        guest.ram(high).tree(tree("smc"));
        guest.acts().on(Instruction.SECURE_MONITOR_CALL, operands -> {
            if (operands[0] == 0xc4000196L) {
                high.segment().set(WORD, 0, 36);
            }
            return new long[] {0, 0x10000, 0x10000, 0};
        });
        assertTrue(refusal().contains("RAM ends at"));
    }

    @Test
    void onlyTheInstructionThatTheDeviceTreeNamesIsExecuted() throws UnknownPlatformException {
        realm(-1, 0, 0).tree(tree("smc"));
        assertEquals("plain", detected());
        assertTrue(guest.acts().takeLog().stream().allMatch(act -> act.startsWith("SECURE_MONITOR_CALL")));
        hypervisor(UNKNOWN, 0, 0).tree(tree("hvc"));
        assertEquals("plain", detected());
        assertEquals(List.of("HYPERVISOR_CALL 8600ff01"), guest.acts().takeLog());
        guest.tree(tree("svc"));
        assertTrue(refusal().contains("\"svc\""));
    }

    @Test
    void withoutAWordOfTheDeviceTreeBothAreAskedTheRealmManagerFirst() throws UnknownPlatformException {
        realm(0xffff_ffffL, 0, 0);
        hypervisor(KVM, 0b11101, 4096);
        assertEquals("pkvm", detected());
        assertTrue(guest.acts().takeLog().getFirst().startsWith("SECURE_MONITOR_CALL c4000190 10000"));
        realm(0, 0, 40);
        assertEquals("cca", detected());
        assertFalse(guest.acts().takeLog().toString().contains("HYPERVISOR_CALL"));
    }

    @Test
    void aProtectedGuestIsDetectedByTheThreeServicesAndTakesTheGranuleItIsTold() throws UnknownPlatformException {
        guest.tree(tree("hvc"));
        hypervisor(KVM, 0b11100, 16384);
        DetectedPlatform platform = PlatformDetection.detect(guest);
        assertEquals("pkvm", platform.name());
        assertEquals(16384, platform.sharing().orElseThrow().granuleBytes());
        assertEquals(
                List.of("HYPERVISOR_CALL 8600ff01", "HYPERVISOR_CALL 86000000", "HYPERVISOR_CALL c6000002 0 0 0"),
                guest.acts().takeLog());
    }

    @Test
    void anOrdinaryGuestOfKvmIsPlainAndOneWithSomeOfTheServicesIsRefused() throws UnknownPlatformException {
        guest.tree(tree("hvc"));
        hypervisor(KVM, 0b00011, 4096);
        assertEquals("plain", detected());
        for (long features : List.of(0b00100L, 0b01000L, 0b10000L, 0b01100L, 0b11000L)) {
            hypervisor(KVM, features, 4096);
            assertTrue(refusal().contains("not all"), Long.toBinaryString(features));
        }
    }

    @Test
    void aGranuleThatIsNoneIsRefused() {
        guest.tree(tree("hvc"));
        for (long granule : List.of(-1L, -3L, 0L, 2048L, 5000L, 131072L, Long.MIN_VALUE)) {
            hypervisor(KVM, 0b11100, granule);
            assertTrue(refusal().contains("HYP_MEMINFO"), Long.toString(granule));
        }
    }

    @Test
    void thePoolOfTheDeviceTreeIsAllThatIsShared() throws UnknownPlatformException {
        guest.tree(TreeBlob.protectedGuest("hvc").blob());
        hypervisor(KVM, 0b11100, 4096);
        DetectedPlatform platform = PlatformDetection.detect(guest);
        PhysRange pool = new PhysRange(0x8000_0000L, 0x400_0000);
        assertEquals(List.of(pool), platform.sharing().orElseThrow().shareable());
        assertEquals(pool, platform.restrictedPool().orElseThrow().value());
        assertTrue(
                platform.restrictedPool().orElseThrow().source().contains("/pci@30000000"),
                platform.restrictedPool().toString());
        assertTrue(platform.trace().toString().contains("no device is bound to (device tree, /reserved-memory/idle"));
    }

    @Test
    void aPoolOutsideRamIsRefused() {
        guest.ram(FakeRam.region(0x8000_0000L, 1 << 20))
                .tree(TreeBlob.protectedGuest("hvc").blob());
        assertTrue(refusal().contains("no memory that can be shared"));
    }

    @Test
    void aMalformedTreeIsRefusedInOneLine() {
        guest.tree(new byte[] {1, 2, 3});
        assertTrue(refusal().contains("device tree is malformed"));
    }

    @Test
    void aMachineThatIsOnlyRestrictedHasAPoolAndNoSharing() throws UnknownPlatformException {
        hypervisor(UNKNOWN, 0, 0).tree(TreeBlob.protectedGuest("hvc").blob());
        DetectedPlatform platform = PlatformDetection.detect(guest);
        assertEquals(Optional.empty(), platform.sharing());
        assertTrue(platform.restrictedPool().isPresent());
    }
}
