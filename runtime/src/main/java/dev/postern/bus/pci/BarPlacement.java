package dev.postern.bus.pci;

import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Gives every memory BAR an address, and every bridge the windows that cover what lies behind it.
 *
 * <p>There are two pools: low, below 4 GiB, which every bridge forwards, and high, which bridges forward only as 64-bit
 * prefetchable memory. Inside a pool the largest goes first, so that alignment wastes nothing. Nothing is written before
 * the whole plan is made: when something does not fit, one function is given up and the plan is made again without it.
 */
final class BarPlacement {

    private final PciHost host;
    private final List<PciFunction> root;
    private final Map<PciFunction, List<BarRequest>> requests;
    private final Map<PciFunction, BridgeWindows> bridges;

    /** What a plan has come to so far; thrown away when it fails. */
    private final List<Runnable> writes = new ArrayList<>();

    BarPlacement(
            PciHost host,
            List<PciFunction> root,
            Map<PciFunction, List<BarRequest>> requests,
            Map<PciFunction, BridgeWindows> bridges) {
        this.host = host;
        this.root = root;
        this.requests = new HashMap<>(requests);
        this.bridges = bridges;
    }

    private enum Pool {
        LOW,
        HIGH
    }

    /** Something that takes a place on a bus. */
    private sealed interface Item {
        long size();

        long alignment();
    }

    private record Bar(PciFunction function, BarRequest request) implements Item {
        @Override
        public long size() {
            return request.size();
        }

        @Override
        public long alignment() {
            return request.size();
        }
    }

    /** A bridge's window and what is inside, at offsets from its first address. */
    private record Window(PciFunction bridge, Pool pool, List<Placed> inside, long size, long alignment)
            implements Item {}

    private record Placed(Item item, long offset) {}

    void run() {
        // Each turn but the last gives one function up.
        while (!plan()) {
            writes.clear();
        }
        writes.forEach(Runnable::run);
    }

    /** Makes the plan; false if a function was given up for it. */
    private boolean plan() {
        Optional<AddressWindow> low = host.lowWindow().map(AddressWindow::new);
        Optional<AddressWindow> high = host.highWindow().map(AddressWindow::new);
        return fill(Pool.HIGH, high, low) && fill(Pool.LOW, low, high);
    }

    private boolean fill(Pool pool, Optional<AddressWindow> first, Optional<AddressWindow> second) {
        for (Item item : items(root, pool, true)) {
            OptionalLong pa = take(first, item);
            // On the root bus no bridge is in the way, so a 64-bit BAR may go to the other pool.
            if (pa.isEmpty() && item instanceof Bar bar && bar.request().kind().wide()) {
                pa = take(second, item);
            }
            if (pa.isEmpty()) {
                giveUp(item, first);
                return false;
            }
            plan(item, pa.getAsLong());
        }
        return true;
    }

    private static OptionalLong take(Optional<AddressWindow> window, Item item) {
        return window.isEmpty() ? OptionalLong.empty() : window.get().take(item.size(), item.alignment());
    }

    /** What of a bus takes a place in a pool, largest alignment first. */
    private List<Item> items(List<PciFunction> bus, Pool pool, boolean wide) {
        List<Item> items = new ArrayList<>();
        for (PciFunction function : bus) {
            if (function.problem().isPresent()) {
                continue;
            }
            for (BarRequest request : requests.getOrDefault(function, List.of())) {
                if (pool(request, wide) == pool) {
                    items.add(new Bar(function, request));
                }
            }
            if (bridges.containsKey(function)) {
                window(function, pool, wide && bridges.get(function).wide()).ifPresent(items::add);
            }
        }
        items.sort(Comparator.comparingLong(Item::alignment)
                .thenComparingLong(Item::size)
                .reversed());
        return items;
    }

    /** {@code wide}: every bridge on the way forwards 64-bit prefetchable memory. */
    private Pool pool(BarRequest request, boolean wide) {
        return wide
                        && request.kind() == BarKind.MEMORY_64_PREFETCHABLE
                        && host.highWindow().isPresent()
                ? Pool.HIGH
                : Pool.LOW;
    }

    private Optional<Window> window(PciFunction bridge, Pool pool, boolean wide) {
        List<Placed> inside = new ArrayList<>();
        long end = 0;
        long alignment = BridgeWindows.GRANULE;
        for (Item item : items(bridge.behind(), pool, wide)) {
            long offset = roundUp(end, item.alignment());
            inside.add(new Placed(item, offset));
            end = offset + item.size();
            alignment = Math.max(alignment, item.alignment());
        }
        return inside.isEmpty()
                ? Optional.empty()
                : Optional.of(new Window(bridge, pool, inside, roundUp(end, BridgeWindows.GRANULE), alignment));
    }

    private void plan(Item item, long pa) {
        switch (item) {
            case Bar(PciFunction function, BarRequest request) ->
                writes.add(() -> function.place(new MemoryBar(request.index(), pa, request.size(), request.kind())));
            case Window window -> {
                PhysRange range = new PhysRange(pa, window.size());
                BridgeWindows registers = bridges.get(window.bridge());
                writes.add(() -> {
                    switch (window.pool()) {
                        case LOW -> registers.openLow(range);
                        case HIGH -> registers.openHigh(range);
                    }
                });
                window.inside().forEach(placed -> plan(placed.item(), pa + placed.offset()));
            }
        }
    }

    /** Gives up the function with the largest BAR in what did not fit; the others may then fit. */
    private void giveUp(Item item, Optional<AddressWindow> window) {
        Bar largest = bars(item).max(Comparator.comparingLong(Item::size)).orElseThrow();
        String room = window.map(left -> "%s has 0x%x bytes left in one piece".formatted(left, left.largestGap()))
                .orElse("the host has no window for it");
        String with = item instanceof Window bridge
                ? " (with its neighbours behind bridge %s, 0x%x bytes)"
                        .formatted(bridge.bridge().address(), item.size())
                : "";
        largest.function().fail("%s%s does not fit: %s".formatted(largest.request(), with, room));
    }

    private static Stream<Bar> bars(Item item) {
        return switch (item) {
            case Bar bar -> Stream.of(bar);
            case Window window -> window.inside().stream().flatMap(placed -> bars(placed.item()));
        };
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }
}
