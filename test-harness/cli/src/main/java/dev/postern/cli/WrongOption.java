package dev.postern.cli;

import dev.postern.cli.words.NameList;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Says what is wrong with the words of a command line, in our words. */
final class WrongOption {

    private WrongOption() {}

    /** What the parser noticed, with the remedy. */
    static WrongCallException explain(CommandLine.ParameterException wrong) {
        CommandLine.Model.CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String call = command.qualifiedName();
        return switch (wrong) {
            case CommandLine.UnmatchedArgumentException unmatched ->
                unknown(unmatched.getUnmatched().getFirst(), command, call);
            case CommandLine.MissingParameterException missing
            when missing.getMissing().getFirst() instanceof CommandLine.Model.OptionSpec option ->
                new WrongCallException(
                        "%s %s needs a value: %s".formatted(call, option.longestName(), option.paramLabel()));
            case CommandLine.OverwrittenOptionException twice ->
                new WrongCallException("%s %s is given twice: give it once"
                        .formatted(call, ((CommandLine.Model.OptionSpec) twice.getOverwritten()).longestName()));
            default -> new WrongCallException("%s: %s; see %s --help".formatted(call, wrong.getMessage(), call));
        };
    }

    private static WrongCallException unknown(String word, CommandLine.Model.CommandSpec command, String call) {
        if (word.startsWith("-")) {
            List<String> names = new ArrayList<>(command.options().stream()
                    .map(CommandLine.Model.OptionSpec::longestName)
                    .toList());
            names.sort(null);
            int equals = word.indexOf('=');
            return new WrongCallException(call + ": "
                    + NameList.of("option", names).complaint(equals < 0 ? word : word.substring(0, equals)));
        }
        if (command.subcommands().isEmpty()) {
            return new WrongCallException(
                    "%s takes no '%s': write each value behind its option, such as --device blk,file=disk.img"
                            .formatted(call, word));
        }
        return new WrongCallException(
                NameList.of("command", List.copyOf(command.subcommands().keySet()))
                        .complaint(word));
    }
}
