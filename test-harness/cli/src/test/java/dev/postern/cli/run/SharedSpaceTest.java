package dev.postern.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.boot.PoolSize;
import dev.postern.cli.WrongCallException;
import dev.postern.lab.MachineKind;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharedSpaceTest {

    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({"EMULATED,tdx,128,128", "QEMU_Q35,tdx,128,64", "QEMU_Q35,plain,128,128", "QEMU_Q35,tdx,3,2"})
    void onQemuASecureGuestSharesHalfOfItsRam(MachineKind machine, String platform, long ramMib, long spaceMib) {
        assertEquals(
                spaceMib * MIB, SharedSpace.of(machine, platform, ramMib * MIB).bytes());
    }

    @Test
    void theWindowIsNeverMoreThanQemuCanHaveBelow4Gib() {
        assertEquals(
                2048 * MIB,
                SharedSpace.of(MachineKind.QEMU_Q35, "tdx", 8192 * MIB).bytes());
    }

    @Test
    void theGuestChoosesThePoolWhenNoneIsAskedFor() {
        assertEquals(Optional.empty(), new SharedSpace(128 * MIB, 4096).pool(OptionalLong.empty()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 65535, 65537, 64 * (1 << 20) + 4096, Long.MAX_VALUE})
    void aPoolOutsideTheRangeIsRefusedWithTheRange(long bytes) {
        WrongCallException wrong = assertThrows(
                WrongCallException.class, () -> new SharedSpace(128 * MIB, 4096).pool(OptionalLong.of(bytes)));
        assertTrue(wrong.getMessage().contains("from 64 KiB to 64 MiB"), wrong.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {65536, 64 * (1 << 20)})
    void thePoolsAtTheEndsOfTheRangeAreTaken(long bytes) {
        assertEquals(Optional.of(PoolSize.fixed(bytes)), new SharedSpace(128 * MIB, 4096).pool(OptionalLong.of(bytes)));
    }
}
