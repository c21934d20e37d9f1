package dev.postern.firmware.devicetree;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged tree ends in one exception with one line, or in a valid tree; any other exception fails the test. */
class DeviceTreeFuzzTest {

    private final byte[] sound = TreeBlob.protectedGuest("hvc").blob();

    private static boolean survives(byte[] blob) {
        try {
            DeviceTree tree = DeviceTree.read(blob);
            RestrictedDmaPool.in(tree);
            tree.root().all().forEach(node -> {
                node.enabled();
                AddressRange.reg(node, tree.root());
                AddressRange.ranges("ranges", node, tree.root());
            });
            return true;
        } catch (DeviceTreeException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.getMessage().startsWith("device tree"), e.getMessage());
            return false;
        }
    }

    @Test
    void theSoundTreeSurvives() {
        assertTrue(survives(sound));
        assertTrue(survives(Arrays.copyOf(sound, sound.length + 100)), "bytes behind the total size are ignored");
    }

    @Test
    void aTreeCutAtAnyByteIsRefused() {
        for (int length = 0; length < sound.length; length++) {
            assertFalse(survives(Arrays.copyOf(sound, length)), "cut to %d bytes".formatted(length));
        }
    }

    @Test
    void aTreeCutAtAnyByteThatSaysSoIsRefused() {
        for (int length = 40; length < sound.length; length++) {
            byte[] cut = Arrays.copyOf(sound, length);
            cut[4] = 0;
            cut[5] = 0;
            cut[6] = (byte) (length >>> 8);
            cut[7] = (byte) length;
            assertFalse(survives(cut), "cut to %d bytes".formatted(length));
        }
    }

    @Test
    void anyByteSetToAnyValueEndsInATreeOrInOneLine() {
        int refused = 0;
        for (int at = 0; at < sound.length; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] damaged = sound.clone();
                damaged[at] = (byte) value;
                if (!survives(damaged)) {
                    refused++;
                }
            }
        }
        assertTrue(refused > sound.length, "%d of %d were refused".formatted(refused, 256 * sound.length));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void manyDamagedBytesEndInATreeOrInOneLine(long seed) {
        Random random = new Random(seed);
        int trees = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = sound.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                damaged[random.nextInt(40, damaged.length)] = (byte) random.nextInt(0, 12);
            }
            try {
                trees += survives(damaged) ? 1 : 0;
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d, round %d".formatted(seed, round), e);
            }
        }
        assertTrue(trees > 0 && trees < 20_000, "seed %d: %d trees".formatted(seed, trees));
    }
}
