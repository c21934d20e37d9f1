package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One line of {@code differences.tsv}: a class of inputs on which the two rules differ, and why.
 *
 * <p>Columns are separated by tabs: the part of the answer ({@code plan}, {@code accepted} or {@code caches}); a condition on inputs,
 * {@code fact=word|word} or {@code fact!=word|word}, several joined by {@code  & }, where a fact that is not given has its usual value;
 * what Linux does and what ours does, each {@code word|word} with {@code *} for any text; the reason. A line that begins with {@code #}
 * is a comment.
 *
 * @param number its number in the file, from 1
 * @param part the part of the answer
 * @param condition the inputs, as written
 * @param linux what Linux does, as written
 * @param postern what ours does, as written
 * @param reason why
 */
record DifferenceLine(int number, String part, String condition, String linux, String postern, String reason) {

    /** All lines of the file. */
    static List<DifferenceLine> all() throws IOException {
        try (InputStream file = DifferenceLine.class.getResourceAsStream("differences.tsv")) {
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** The lines of a text. */
    static List<DifferenceLine> parse(String text) {
        List<DifferenceLine> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.startsWith("#")) {
                continue;
            }
            String[] columns = line.split("\t", -1);
            if (columns.length != 5 || Arrays.stream(columns).anyMatch(String::isBlank)) {
                throw new IllegalArgumentException(
                        "line %d has %d columns: give part, condition, Linux, Postern and reason, with tabs between"
                                .formatted(number, columns.length));
            }
            lines.add(new DifferenceLine(number, columns[0], columns[1], columns[2], columns[3], columns[4]));
        }
        return lines;
    }

    /** Says of differences whether this line covers them; made once for each line, for it is asked often. */
    Cover cover() {
        List<Predicate<FactSheet>> terms =
                Arrays.stream(condition.split(" & ")).map(this::term).toList();
        Pattern linuxWords = words(linux);
        Pattern posternWords = words(postern);
        return (difference, sheet) -> difference.part().equals(part)
                && linuxWords.matcher(difference.linux()).matches()
                && posternWords.matcher(difference.postern()).matches()
                && terms.stream().allMatch(term -> term.test(sheet));
    }

    private Predicate<FactSheet> term(String term) {
        int equals = term.indexOf('=');
        boolean not = equals > 0 && term.charAt(equals - 1) == '!';
        Optional<FactName> name =
                equals < 0 ? Optional.empty() : FactName.named(term.substring(0, equals - (not ? 1 : 0)));
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    "line %d: \"%s\" names no fact: give fact=word or fact!=word".formatted(number, term));
        }
        FactName fact = name.get();
        List<String> values = List.of(term.substring(equals + 1).split("\\|", -1));
        for (String value : values) {
            if (!fact.domain().has(value)) {
                throw new IllegalArgumentException("line %d: %s cannot be \"%s\": it is %s"
                        .formatted(number, fact, value, fact.domain().describe()));
            }
        }
        return sheet -> values.contains(sheet.value(fact)) != not;
    }

    private static Pattern words(String words) {
        StringBuilder regex = new StringBuilder();
        for (String part : words.split("(?<=[*|])|(?=[*|])")) {
            regex.append(
                    switch (part) {
                        case "*" -> ".*";
                        case "|" -> "|";
                        default -> Pattern.quote(part);
                    });
        }
        return Pattern.compile(regex.toString());
    }

    @Override
    public String toString() {
        return "differences.tsv:%d (%s)".formatted(number, condition);
    }

    /** Whether a line covers a difference. */
    @FunctionalInterface
    interface Cover {

        /** Whether it covers this difference on this input. */
        boolean covers(CoarseAnswer.Difference difference, FactSheet sheet);
    }
}
