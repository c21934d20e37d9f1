package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.virtio.rng.RngDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEveryPciMachine
class EntropyTest {

    @Parameter
    Setting setting;

    @Test
    @Clause({"entropy:34", "entropy:36"})
    void twoCallsGiveDifferentBytes() throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Rng("r0"))) {
            RngDevice rng = trial.guest().rngs().getFirst();
            byte[] first = new byte[32];
            byte[] second = new byte[32];
            rng.fill(first);
            rng.fill(second);
            assertFalse(Arrays.equals(first, second));
            assertFalse(Arrays.equals(first, new byte[32]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 4096, 4097, 20_000})
    void anArrayOfAnyLengthIsFilledToItsEnd(int length) throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Rng("r0"))) {
            RngDevice rng = trial.guest().rngs().getFirst();
            // A byte that stays 0 in forty fills was not filled; by chance that happens once in 2^320.
            boolean[] seen = new boolean[length];
            for (int turn = 0; turn < 40; turn++) {
                byte[] bytes = new byte[length];
                rng.fill(bytes);
                for (int i = 0; i < length; i++) {
                    seen[i] |= bytes[i] != 0;
                }
            }
            for (int i = 0; i < length; i++) {
                assertTrue(seen[i], "byte " + i + " is never filled; " + Seed.words());
            }
        }
    }

    @Test
    void anEmptyArrayNeedsNoRequest() throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Rng("r0"))) {
            trial.guest().rngs().getFirst().fill(new byte[0]);
        }
    }
}
