package dev.postern.attach;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What was given out and not closed yet. Safe from any thread. */
final class OpenThings {

    private final Set<Thing> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Something that says when it is closed. */
    interface Thing {

        /** Closes it; never throws. It calls {@link OpenThings#remove}. */
        void close();
    }

    synchronized void add(Thing thing) {
        open.add(thing);
    }

    synchronized void remove(Thing thing) {
        open.remove(thing);
    }

    private synchronized List<Thing> all() {
        return List.copyOf(open);
    }

    void closeAll() {
        all().forEach(Thing::close);
    }
}
