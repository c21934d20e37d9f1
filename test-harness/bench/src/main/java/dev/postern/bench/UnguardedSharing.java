package dev.postern.bench;

import dev.postern.memory.PhysRange;
import dev.postern.platform.PageSharing;
import java.util.List;

/** A platform on which sharing costs nothing, so that only mapping is measured. */
record UnguardedSharing(PhysRange range) implements PageSharing {

    @Override
    public String mechanism() {
        return "none";
    }

    @Override
    public long granuleBytes() {
        return 4096;
    }

    @Override
    public List<PhysRange> shareable() {
        return List.of(range);
    }

    @Override
    public long sharedAlias(long pa) {
        return pa;
    }

    @Override
    public void share(PhysRange pages) {}

    @Override
    public void unshare(PhysRange pages) {}
}
