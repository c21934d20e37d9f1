package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class PkvmPageSharingTest {

    private static final PhysRange PAGES = new PhysRange(0x10000, 0x8000);

    private final FakeActs acts = new FakeActs().on(Instruction.HYPERVISOR_CALL, operands -> new long[] {0, 0, 0, 0});
    private final PkvmPageSharing sharing = new PkvmPageSharing(acts, 0x4000, List.of(new PhysRange(0, 1 << 20)));

    @Test
    void eachGranuleIsACall() throws SharingFailedException {
        sharing.share(PAGES);
        assertEquals(
                List.of("HYPERVISOR_CALL c6000003 10000 0 0", "HYPERVISOR_CALL c6000003 14000 0 0"), acts.takeLog());
        sharing.unshare(PAGES);
        assertEquals(
                List.of("HYPERVISOR_CALL c6000004 10000 0 0", "HYPERVISOR_CALL c6000004 14000 0 0"), acts.takeLog());
        assertEquals(0x4000, sharing.granuleBytes());
        assertEquals(0x12345, sharing.sharedAlias(0x12345));
    }

    @Test
    void aRefusalNamesItsGranuleAndWhatLiesBehindIsNotTouched() {
        acts.on(
                Instruction.HYPERVISOR_CALL,
                operands -> operands[1] == 0x14000 ? new long[] {-3, 0, 0, 0} : new long[] {0, 0, 0, 0});
        PhysRange three = new PhysRange(0x10000, 0xc000);
        SharingFailedException refused = assertThrows(SharingFailedException.class, () -> sharing.share(three));
        assertEquals(0x14000, refused.failedPa());
        assertTrue(refused.getMessage().contains("MEM_SHARE")
                && refused.getMessage().contains("-3"));
        assertEquals(2, acts.takeLog().size());
        assertEquals(
                0x14000,
                assertThrows(SharingFailedException.class, () -> sharing.unshare(three))
                        .failedPa());
        assertEquals(2, acts.takeLog().size());
    }
}
