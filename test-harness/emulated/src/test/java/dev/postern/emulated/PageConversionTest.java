package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Pages shared and unshared in the right order, on each platform. */
class PageConversionTest {

    @SuppressWarnings("unused")
    private static final List<Platform> PLAIN_AND_SECURE = PokedPlatform.PLAIN_AND_SECURE;

    @SuppressWarnings("unused")
    private static final List<Platform> SECURE = PokedPlatform.SECURE;

    /** pKVM lets the host into a page as it is. */
    private static final List<Platform> CHANGED =
            SECURE.stream().filter(platform -> platform != Platform.PKVM).toList();

    private static final long ELSEWHERE = 0x30_0000L;

    @ParameterizedTest
    @FieldSource("SECURE")
    void deviceAndCpuHaveTheSameBytesInSharedPages(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, disk.data(), PokedPlatform.text("to the disk"));
            assertEquals(0, PokedPlatform.transfer(disk, 1, 3, disk.data(), 512));
            disk.ram.asSlice(disk.data(), 512).fill((byte) 0);
            assertArrayEquals(PokedPlatform.text("to the disk"), PokedPlatform.sector(disk, 3));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @FieldSource("SECURE")
    void everythingIsPrivateAtPowerOn(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            assertEquals(0, machine.sharedPages().count());
            assertEquals(List.of(), machine.sharedPages().ranges());
            // What firmware left is there to be read.
            assertEquals(
                    "RSD PTR ",
                    new String(machine.ram()
                            .getFirst()
                            .segment()
                            .asSlice(machine.acpiRootPa().orElseThrow(), 8)
                            .toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @ParameterizedTest
    @FieldSource("SECURE")
    void theHostSeesWhatIsSharedAndNothingElse(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedPlatform poked = new PokedPlatform(machine, platform);
            poked.share(ELSEWHERE, 0x2_0000);
            poked.share(1L << 32, 0x1_0000);
            SharedPages shared = machine.sharedPages();
            assertEquals(
                    List.of(new SharedPages.Range(ELSEWHERE, 0x2_0000), new SharedPages.Range(1L << 32, 0x1_0000)),
                    shared.ranges());
            assertEquals(platform == Platform.PSERIES_SVM ? 65536 : 4096, shared.pageBytes());
            assertEquals(0x3_0000 / shared.pageBytes(), shared.count());
            assertTrue(shared.contains(ELSEWHERE + 0x1_ffff));
            assertFalse(shared.contains(ELSEWHERE + 0x2_0000));
            poked.unshare(ELSEWHERE, 0x1_0000);
            assertEquals(
                    List.of(
                            new SharedPages.Range(ELSEWHERE + 0x1_0000, 0x1_0000),
                            new SharedPages.Range(1L << 32, 0x1_0000)),
                    machine.sharedPages().ranges());
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void onAPlainMachineTheHostSeesEverything() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.PLAIN).build()) {
            assertEquals((8 << 20) / 4096, machine.sharedPages().count());
        }
    }

    @ParameterizedTest
    @FieldSource("CHANGED")
    void contentDoesNotSurviveAConversionAndIsNotZero(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPlatform poked = new PokedPlatform(machine, platform);
            PokedPlatform.put(disk, ELSEWHERE, PokedPlatform.text("private"));
            poked.share(ELSEWHERE, 0x1_0000);
            byte[] afterSharing = PokedPlatform.bytes(disk, ELSEWHERE);
            assertFalse(Arrays.equals(PokedPlatform.text("private"), afterSharing));
            assertFalse(Arrays.equals(new byte[512], afterSharing));
            PokedPlatform.put(disk, ELSEWHERE, PokedPlatform.text("shared"));
            poked.unshare(ELSEWHERE, 0x1_0000);
            byte[] afterUnsharing = PokedPlatform.bytes(disk, ELSEWHERE);
            assertFalse(Arrays.equals(PokedPlatform.text("private"), afterUnsharing));
            assertFalse(Arrays.equals(PokedPlatform.text("shared"), afterUnsharing));
            assertFalse(Arrays.equals(new byte[512], afterUnsharing));
            PokedPlatform.put(disk, ELSEWHERE, PokedPlatform.text("private again"));
            assertArrayEquals(PokedPlatform.text("private again"), PokedPlatform.bytes(disk, ELSEWHERE));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @FieldSource("SECURE")
    void neighboursOfAConvertedPageKeepTheirContent(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPlatform.put(disk, ELSEWHERE - 512, PokedPlatform.text("before"));
            PokedPlatform.put(disk, ELSEWHERE + 0x1_0000, PokedPlatform.text("after"));
            PokedPlatform poked = new PokedPlatform(machine, platform);
            poked.share(ELSEWHERE, 0x1_0000);
            poked.unshare(ELSEWHERE, 0x1_0000);
            assertArrayEquals(PokedPlatform.text("before"), PokedPlatform.bytes(disk, ELSEWHERE - 512));
            assertArrayEquals(PokedPlatform.text("after"), PokedPlatform.bytes(disk, ELSEWHERE + 0x1_0000));
        }
    }

    @ParameterizedTest
    @FieldSource("PLAIN_AND_SECURE")
    void theSameSeedGivesTheSameNoise(Platform platform) {
        assertArrayEquals(noise(platform, 7), noise(platform, 7));
        if (CHANGED.contains(platform)) {
            assertFalse(Arrays.equals(noise(platform, 7), noise(platform, 8)), "seeds 7 and 8");
        }
    }

    private static byte[] noise(Platform platform, long seed) {
        try (EmulatedMachine machine =
                PokedPlatform.machine(platform).seed(seed).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPlatform poked = new PokedPlatform(machine, platform);
            poked.share(ELSEWHERE, 0x1_0000);
            PokedPlatform.put(disk, ELSEWHERE, PokedPlatform.text("shared"));
            poked.unshare(ELSEWHERE, 0x1_0000);
            return PokedPlatform.bytes(disk, ELSEWHERE);
        }
    }

    @Test
    void lookingAtASharedPageDoesNotChangeTheRun() {
        byte[][] seen = new byte[2][];
        for (int i = 0; i < 2; i++) {
            try (EmulatedMachine machine =
                    PokedPlatform.machine(Platform.SEV_SNP).auditDevices().build()) {
                PokedDevice disk = PokedDevice.first(machine, 2);
                PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_SNP);
                poked.pvalidate(ELSEWHERE, 0);
                poked.pageState(ELSEWHERE, 2);
                if (i == 1) {
                    machine.audit().findInSharedPages(new byte[] {1, 2, 3});
                }
                poked.acts.mapPages(ELSEWHERE, 4096, 0);
                poked.share(ELSEWHERE + 4096, 4096);
                seen[i] = disk.ram.asSlice(ELSEWHERE, 8192).toArray(ValueLayout.JAVA_BYTE);
            }
        }
        assertArrayEquals(seen[0], seen[1]);
    }

    @Test
    void pagesOfPowerMustFitTheRam() {
        MachineConfigurationException refused = assertThrows(
                MachineConfigurationException.class,
                () -> EmulatedMachine.builder()
                        .platform(Platform.PSERIES_SVM)
                        .ramBytes((8 << 20) + 4096)
                        .build());
        assertTrue(refused.getMessage().contains("65536"), refused::getMessage);
    }
}
