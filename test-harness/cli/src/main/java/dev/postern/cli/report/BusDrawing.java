package dev.postern.cli.report;

import dev.postern.bus.pci.PciFunction;
import dev.postern.bus.pci.PciTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A bus as a tree, one line for each function. */
final class BusDrawing {

    private final List<PciFunction> functions;
    private final List<String> lines = new ArrayList<>();

    private BusDrawing(List<PciFunction> functions) {
        this.functions = functions;
    }

    static List<String> lines(PciTree tree) {
        BusDrawing drawing = new BusDrawing(tree.functions());
        drawing.draw("", Optional.empty());
        return drawing.lines;
    }

    private void draw(String indent, Optional<PciFunction> bridge) {
        List<PciFunction> here = functions.stream()
                .filter(function -> function.upstreamBridge().equals(bridge))
                .toList();
        for (PciFunction function : here) {
            boolean last = function == here.getLast();
            lines.add(indent + (last ? "└─ " : "├─ ") + describe(function));
            if (function.bridge()) {
                draw(indent + (last ? "   " : "│  "), Optional.of(function));
            }
        }
    }

    private static String describe(PciFunction function) {
        return "%s  %04x:%04x  %s%s"
                .formatted(
                        function.address(),
                        function.vendorId(),
                        function.deviceId(),
                        FunctionName.of(function),
                        function.problem().map(problem -> "  (disabled)").orElse(""));
    }
}
