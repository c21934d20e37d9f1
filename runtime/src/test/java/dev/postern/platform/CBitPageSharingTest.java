package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.memory.PhysRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class CBitPageSharingTest {

    private final FakeActs acts = new FakeActs();
    private final CBitPageSharing sharing = new CBitPageSharing(acts, 51, List.of(new PhysRange(0x1000, 0x10000)));

    @Test
    void sharingClearsTheCBitAndUnsharingSetsItAndNobodyIsAsked() {
        sharing.share(new PhysRange(0x2000, 0x3000));
        sharing.unshare(new PhysRange(0x3000, 0x1000));
        assertEquals(List.of("map 2000 3000 0", "map 3000 1000 8000000000000"), acts.takeLog());
    }

    @Test
    void devicesUseTheSameAddress() {
        assertEquals(0x2345, sharing.sharedAlias(0x2345));
    }
}
