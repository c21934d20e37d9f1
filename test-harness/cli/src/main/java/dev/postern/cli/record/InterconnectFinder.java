package dev.postern.cli.record;

import dev.postern.quirks.FactName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what a device tree says of the way between a device and memory. */
final class InterconnectFinder {

    private static final String TREE = "/sys/firmware/devicetree/base";

    private final SystemTree tree;
    private final Path device;
    private final Optional<String> architecture;

    /**
     * A look at one device.
     *
     * @param device of the bus: a PCI function or a platform device
     */
    InterconnectFinder(SystemTree tree, Path device, Optional<String> architecture) {
        this.tree = tree;
        this.device = device;
        this.architecture = architecture;
    }

    void look(List<FoundFact> facts, List<String> unknown) {
        Optional<Path> node = node();
        if (node.isEmpty()) {
            if (architecture.filter("x86"::equals).isPresent()) {
                facts.add(new FoundFact(FactName.SNOOPED, "yes", "x86 snoops every device"));
            } else {
                unknown.add("snooped: no device tree, and _CCA is not shown in /sys");
            }
            return;
        }
        coherency(node.get(), facts, unknown);
        pool(node.get(), facts);
        if (Files.exists(node.get().getParent().resolve("dma-ranges"))) {
            unknown.add("dma-ranges: %s has some, which are not read here"
                    .formatted(tree.named(node.get().getParent())));
        }
    }

    /** The node of the device, or of the nearest device above it that has one. */
    private Optional<Path> node() {
        for (Path above = device; above != null && !above.equals(tree.root()); above = above.getParent()) {
            Optional<Path> node = tree.target(above.resolve("of_node"));
            if (node.isPresent()) {
                return node;
            }
        }
        return Optional.empty();
    }

    /** The property counts on the node or on any above it; POWER and s390 snoop without it. */
    private void coherency(Path node, List<FoundFact> facts, List<String> unknown) {
        Path top = tree.target(tree.at(TREE)).orElse(tree.at(TREE));
        for (Path above = node; above != null && above.startsWith(top); above = above.getParent()) {
            if (Files.exists(above.resolve("dma-coherent"))) {
                facts.add(new FoundFact(FactName.SNOOPED, "yes", tree.named(above.resolve("dma-coherent"))));
                return;
            }
        }
        if (architecture.filter("arm"::equals).isPresent()) {
            facts.add(new FoundFact(FactName.SNOOPED, "no", "no dma-coherent at " + tree.named(node) + " or above"));
        } else {
            unknown.add("snooped: no dma-coherent at %s, which says nothing on this architecture"
                    .formatted(tree.named(node)));
        }
    }

    private void pool(Path node, List<FoundFact> facts) {
        Optional<byte[]> handle = bytes(node.resolve("memory-region"));
        if (handle.isEmpty()) {
            return;
        }
        try (Stream<Path> all = Files.list(tree.at(TREE + "/reserved-memory"))) {
            all.filter(region -> bytes(region.resolve("phandle"))
                            .filter(own -> Arrays.equals(
                                    own, 0, own.length, handle.get(), 0, Math.min(own.length, handle.get().length)))
                            .isPresent())
                    .findFirst()
                    .flatMap(region -> tree.text(region.resolve("compatible")))
                    .filter(FactName.MEMORY_REGION.domain()::has)
                    .ifPresent(compatible -> facts.add(new FoundFact(
                            FactName.MEMORY_REGION, compatible, tree.named(node.resolve("memory-region")))));
        } catch (IOException e) {
            // Without reserved memory there is no pool.
            return;
        }
    }

    private static Optional<byte[]> bytes(Path file) {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
