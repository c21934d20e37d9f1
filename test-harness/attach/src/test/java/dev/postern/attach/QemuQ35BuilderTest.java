package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before QEMU is looked for. */
class QemuQ35BuilderTest {

    @TempDir
    private Path folder;

    private static void assertRefused(String part, String remedy, Executable call) {
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, call);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertTrue(refused.getMessage().contains(remedy), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    private static Executable disk(Path file) {
        return () -> QemuQ35.builder()
                .device(new QemuDevice.Disk(file, DiskAccess.READ_WRITE, "d0"))
                .build()
                .close();
    }

    @Test
    void aFileThatCannotBeADiskIsRefused() throws IOException {
        assertRefused("no such file", "truncate", disk(folder.resolve("missing.img")));
        assertRefused("not a regular file", "raw disk image", disk(folder));
        assertRefused("0 bytes", "multiple of 512", disk(Files.createFile(folder.resolve("empty.img"))));
        assertRefused("513 bytes", "multiple of 512", disk(Files.write(folder.resolve("odd.img"), new byte[513])));
    }

    @Test
    void aBusMustBeKnownAndHaveRoom() {
        assertRefused(
                "no bus 'b1'",
                "before it",
                () -> QemuQ35.builder()
                        .device(new QemuDevice.Rng("r0", "b1", FeatureAdjustments.none()))
                        .device(new QemuDevice.PciBridge("b1"))
                        .build());
        assertRefused(
                "bus 'port' is full",
                "another bridge",
                () -> QemuQ35.builder()
                        .device(new QemuDevice.RootPort("port"))
                        .device(new QemuDevice.Rng("r0", "port", FeatureAdjustments.none()))
                        .device(new QemuDevice.Rng("r1", "port", FeatureAdjustments.none()))
                        .build());
        QemuQ35Builder crowded = QemuQ35.builder();
        for (int i = 0; i <= 30; i++) {
            crowded.device(new QemuDevice.Rng("r" + i));
        }
        assertRefused("device 'r30': bus 'pcie.0' is full", "another bridge", crowded::build);
    }

    @Test
    void anIdOccursOnceAndCannotBeReadAsAnOption() {
        assertRefused(
                "two devices have the id 'x'",
                "its own",
                () -> QemuQ35.builder()
                        .device(new QemuDevice.Rng("x"))
                        .device(new QemuDevice.RootPort("x"))
                        .build());
        for (String id : new String[] {"", "a,b", "1a", "a=b", "a".repeat(25), "pcie.0"}) {
            assertRefused("'" + id + "'", "use", () -> new QemuDevice.RootPort(id));
        }
    }

    @Test
    void ramIsWholeMebibytesAndSplitsWhereItCan() {
        long mib = 1 << 20;
        assertRefused(
                "4096 bytes",
                "whole MiB",
                () -> QemuQ35.builder().ramBytes(4096).build());
        assertRefused(
                "below 4 GiB",
                "whole MiB",
                () -> QemuQ35.builder().ramBytes(8 * mib).lowRamBytes(9 * mib).build());
        assertRefused(
                "below 4 GiB",
                "2 GiB",
                () -> QemuQ35.builder()
                        .ramBytes(8192 * mib)
                        .lowRamBytes(3072 * mib)
                        .build());
        assertEquals(new RamLayout(2 * mib, 2 * mib), RamLayout.halves(2 * mib));
        assertEquals(new RamLayout(3 * mib, 2 * mib), RamLayout.halves(3 * mib));
        assertEquals(new RamLayout(129 * mib, 64 * mib), RamLayout.halves(129 * mib));
        assertEquals(new RamLayout(8192 * mib, 2048 * mib), RamLayout.halves(8192 * mib));
    }

    @Test
    void aWindowLeavesPrivateRamAndIsForASecurePlatform() {
        long mib = 1 << 20;
        QemuQ35Builder plain = QemuQ35.builder().windowBytes(4 * mib);
        assertRefused("plain platform", "secure platform", plain::build);
        for (long window : new long[] {mib, 4 * mib + 4096, 2049 * mib, -mib}) {
            QemuQ35Builder builder =
                    QemuQ35.builder().platform(SecurePlatform.TDX).windowBytes(window);
            assertRefused("window of " + window, "from 2 MiB to 2 GiB", builder::build);
        }
        QemuQ35Builder full = QemuQ35.builder().platform(SecurePlatform.TDX).ramBytes(64 * mib);
        assertRefused("leaves nothing", "smaller", full::build);
        QemuQ35Builder odd = QemuQ35.builder().platform(SecurePlatform.TDX).ramBytes(64 * mib + 4096);
        assertRefused("RAM of", "whole MiB", odd::build);
        QemuQ35Builder low = QemuQ35.builder().platform(SecurePlatform.TDX).lowRamBytes(2 * mib);
        assertRefused("tdx", "say its size", low::build);
    }

    @Test
    void aPlatformIsFoundByItsNameOrRefusedWithTheNamesThereAre() {
        for (SecurePlatform platform : SecurePlatform.values()) {
            assertEquals(platform, SecurePlatform.named(platform.presetName()));
        }
        assertRefused("'sgx'", "plain, sev-snp, tdx, pseries-svm", () -> SecurePlatform.named("sgx"));
    }

    @Test
    void aFeatureIsAdjustedByItsNameOrRefusedWithTheNamesThereAre() {
        assertEquals("", FeatureAdjustments.none().asProperties());
        assertEquals(
                ",iommu_platform=on,event_idx=off,packed=off",
                FeatureAdjustments.parse("+access_platform+packed-event_idx-packed")
                        .asProperties());
        assertEquals(
                ",packed=on", FeatureAdjustments.parse("+ring_packed-in_order").asProperties());
        assertRefused(
                "in_order", "another machine", () -> FeatureAdjustments.none().offer("in_order"));
        assertRefused(
                "'speed'",
                "access_platform, config_wce, discard, event_idx, indirect_desc, packed, ring_reset, write_zeroes",
                () -> FeatureAdjustments.parse("+packed-speed"));
        for (String wrong : new String[] {"packed", "+", "+packed,", "+packed event_idx", "+packed=on"}) {
            assertRefused("'" + wrong + "'", "+ or -", () -> FeatureAdjustments.parse(wrong));
        }
    }
}
