package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Notes every act as a line and answers as it was told to; an act that nobody foresaw fails the test. */
public final class FakeActs implements PrivilegedActs {

    private final Map<Instruction, Function<long[], long[]>> answers = new EnumMap<>(Instruction.class);
    private final List<String> log = new ArrayList<>();

    /** Foresees nothing yet. */
    public FakeActs() {}

    /** Answers an instruction so. */
    public FakeActs on(Instruction instruction, Function<long[], long[]> answer) {
        answers.put(instruction, answer);
        return this;
    }

    /** The acts so far, and forgets them. */
    public List<String> takeLog() {
        List<String> taken = List.copyOf(log);
        log.clear();
        return taken;
    }

    /** How many acts there were. */
    public int acts() {
        return log.size();
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        log.add(instruction + " "
                + Arrays.stream(operands).mapToObj(Long::toHexString).collect(Collectors.joining(" ")));
        Function<long[], long[]> answer = answers.get(instruction);
        if (answer == null) {
            throw new AssertionError("unforeseen: " + log.getLast());
        }
        return answer.apply(operands.clone());
    }

    @Override
    public void mapCaching(long basePa, long length, Caching caching) {
        log.add("caching %x %x %s".formatted(basePa, length, caching));
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        log.add("map %x %x %x".formatted(basePa, length, addressBits));
    }
}
