package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The decision over all classed inputs, as a file that the build verifies. {@code -Dpostern.golden=write} writes it anew.
 *
 * <p>One line for each platform, one column for each set of offered features; an answer is the rules that settled it and the
 * plan. Fences and coherency do not touch the plan and have sections of their own.
 */
final class GoldenTableTest {

    private static final String[] ADDRESSES = {"fits", "tooNarrow", "offset", "inexpressible"};
    private static final Map<String, Map<FactName, String>> CLASSES = Map.of(
            "fits", Map.of(),
            "tooNarrow", Map.of(FactName.ADDRESS_BITS, "32"),
            "offset", Map.of(FactName.OFFSET, "0x800000000000000"),
            "inexpressible", Map.of(FactName.ADDRESS_BITS, "30", FactName.RAM_BASE, "0x40000000"));

    /** The columns: bits for VERSION_1, ACCESS_PLATFORM and ORDER_PLATFORM, low bit first. */
    private static final List<String> FEATURES = List.of("-", "V", "A", "VA");

    @Test
    void theWholeTableIsAsRecorded() throws IOException {
        List<String> lines = new ArrayList<>();
        plans(lines);
        orders(lines);
        coherencies(lines);
        Path file = Path.of("src/test/resources/dev/postern/quirks/golden.txt");
        if ("write".equals(System.getProperty("postern.golden"))) {
            Files.write(file, lines);
        }
        List<String> recorded = Files.readAllLines(file);
        for (int i = 0; i < Math.min(lines.size(), recorded.size()); i++) {
            int line = i + 1;
            assertEquals(recorded.get(i), lines.get(i), () -> "golden.txt:" + line);
        }
        assertEquals(recorded.size(), lines.size());
    }

    private static void plans(List<String> lines) {
        lines.add("# xen iommu addresses reach port transport strictness | answers for offered features " + FEATURES
                + ": V VERSION_1, A ACCESS_PLATFORM");
        lines.add("# an answer: the rules that settled it, then the plan; = repeats the answer before it");
        Map<String, Map<FactName, String>> xen = new LinkedHashMap<>();
        xen.put("none", Map.of());
        xen.put("hvm", Map.of(FactName.XEN, "hvm"));
        xen.put("pv-first", Map.of(FactName.XEN, "pv", FactName.XEN_INITIAL_DOMAIN, "yes"));
        xen.put("pv", Map.of(FactName.XEN, "pv"));
        for (Map.Entry<String, Map<FactName, String>> guest : xen.entrySet()) {
            for (String iommu : List.of("none", "no-driver", "not-up", "up", "bypassed")) {
                for (String addresses : ADDRESSES) {
                    for (String reach : List.of("all-of-ram", "shared-pages-only", "restricted-pool")) {
                        for (String port : List.of("internal", "external-facing")) {
                            for (String transport : List.of("modern-pci", "legacy-pci")) {
                                for (String strictness : List.of("serve", "refuse")) {
                                    Map<FactName, String> facts = new EnumMap<>(FactName.class);
                                    facts.putAll(guest.getValue());
                                    facts.putAll(CLASSES.get(addresses));
                                    facts.put(FactName.IOMMU_STATE, iommu);
                                    facts.put(FactName.IOMMU, "iommu0");
                                    facts.put(FactName.REACH, reach);
                                    facts.put(FactName.PORT, port);
                                    facts.put(FactName.TRANSPORT, transport);
                                    facts.put(FactName.STRICTNESS, strictness);
                                    lines.add(String.join(
                                                    " ",
                                                    guest.getKey(),
                                                    iommu,
                                                    addresses,
                                                    reach,
                                                    port,
                                                    transport,
                                                    strictness)
                                            + " | " + answers(facts));
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static String answers(Map<FactName, String> facts) {
        List<String> answers = new ArrayList<>();
        String before = "";
        for (String features : FEATURES) {
            Map<FactName, String> all = new EnumMap<>(facts);
            all.put(FactName.VERSION_1, features.contains("V") ? "offered" : "absent");
            all.put(FactName.ACCESS_PLATFORM, features.contains("A") ? "offered" : "absent");
            Decision decision = Answers.decide(all, QuirkTable.shipped(), Rule.inOrder());
            String answer = Answers.by(decision).replace(" C9", "") + ": "
                    + decision.outcome().describe();
            answers.add(answer.equals(before) ? "=" : answer);
            before = answer;
        }
        return String.join(" | ", answers);
    }

    private static void orders(List<String> lines) {
        lines.add("# order-platform barriers fences | plan, accepted");
        for (String offered : List.of("absent", "offered")) {
            for (String barriers : List.of("cpu", "device")) {
                for (String fences : List.of("cpus-and-devices", "cpus-only")) {
                    Decision decision = Answers.decide(
                            Map.of(
                                    FactName.ORDER_PLATFORM, offered,
                                    FactName.BARRIERS, barriers,
                                    FactName.FENCES, fences),
                            QuirkTable.shipped(),
                            Rule.inOrder());
                    Map<String, String> answer = Answers.of(decision);
                    lines.add("%s %s %s | %s, %s"
                            .formatted(offered, barriers, fences, answer.get("plan"), answer.get("accept")));
                }
            }
        }
    }

    private static void coherencies(List<String> lines) {
        lines.add("# access-platform iommu snooped no-snoop through honoured | rule and coherency");
        for (String access : List.of("absent", "offered")) {
            for (String iommu : List.of("none", "up")) {
                for (String snooped : List.of("yes", "no")) {
                    for (String noSnoop : List.of("never", "issued")) {
                        for (String through : List.of("blocked", "passes")) {
                            for (String honoured : List.of("no", "yes")) {
                                Decision decision = Answers.decide(
                                        Map.of(
                                                FactName.ACCESS_PLATFORM, access,
                                                FactName.IOMMU_STATE, iommu,
                                                FactName.SNOOPED, snooped,
                                                FactName.NO_SNOOP, noSnoop,
                                                FactName.NO_SNOOP_THROUGH_IOMMU, through,
                                                FactName.NO_SNOOP_HONOURED, honoured),
                                        QuirkTable.shipped(),
                                        Rule.inOrder());
                                lines.add("%s %s %s %s %s %s | %s %s"
                                        .formatted(
                                                access,
                                                iommu,
                                                snooped,
                                                noSnoop,
                                                through,
                                                honoured,
                                                Answers.by(decision),
                                                decision.coherency().word()));
                            }
                        }
                    }
                }
            }
        }
    }

    /** A table that only ever said one thing would be as recorded too. */
    @Test
    void everyRuleThatCanSettleClassedInputsIsInTheTable() throws IOException {
        Set<String> missing = new HashSet<>(List.of(
                "V1", "V3", "V4", "V6", "X1", "X2", "T1", "T2", "R3", "D1", "R1", "D2", "R2", "B1", "B2", "B3", "B4",
                "C1", "C2", "C9"));
        String text = Files.readString(Path.of("src/test/resources/dev/postern/quirks/golden.txt"));
        missing.removeIf(id -> text.matches("(?s).*[| ]" + id + "\\b.*"));
        assertEquals(Set.of(), missing);
    }
}
