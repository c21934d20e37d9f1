package dev.postern.lab.backend;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a back-end does wrong, and when. Connections count from 0, messages of a connection from 0, requests taken from the rings of a
 * connection from 1.
 */
public final class Script {

    /** Stands for every connection. */
    public static final int EVERY = -1;

    /** Stands for a connection and all after it. */
    public static int from(int connection) {
        return -2 - connection;
    }

    private record OfMessage(int connection, int number, MessageDeed deed) {}

    private record OfKind(int connection, MessageKind kind, MessageDeed deed) {}

    private record OfRequest(int connection, long number, DataDeed deed) {}

    private final List<OfMessage> byNumber;
    private final List<OfKind> byKind;
    private final List<OfRequest> byRequest;

    private Script(List<OfMessage> byNumber, List<OfKind> byKind, List<OfRequest> byRequest) {
        this.byNumber = List.copyOf(byNumber);
        this.byKind = List.copyOf(byKind);
        this.byRequest = List.copyOf(byRequest);
    }

    /** A back-end that does nothing wrong. */
    public static Script honest() {
        return new Script(List.of(), List.of(), List.of());
    }

    /** The same with a deed at a message by its number. */
    public Script atMessage(int connection, int number, MessageDeed deed) {
        return new Script(plus(byNumber, new OfMessage(connection, number, deed)), byKind, byRequest);
    }

    /** The same with a deed at the first message of a kind in a connection. */
    public Script at(int connection, MessageKind kind, MessageDeed deed) {
        return new Script(byNumber, plus(byKind, new OfKind(connection, kind, deed)), byRequest);
    }

    /** The same with a deed at a request by its number. */
    public Script atRequest(int connection, long number, DataDeed deed) {
        return new Script(byNumber, byKind, plus(byRequest, new OfRequest(connection, number, deed)));
    }

    private static <T> List<T> plus(List<T> list, T more) {
        List<T> longer = new ArrayList<>(list);
        longer.add(more);
        return longer;
    }

    /** Whether it does anything wrong at all. */
    public boolean isWrong() {
        return !byNumber.isEmpty() || !byKind.isEmpty() || !byRequest.isEmpty();
    }

    /** What follows one connection. */
    Cursor cursor(int connection) {
        return new Cursor(connection);
    }

    /** Where one connection is in the script. */
    final class Cursor {

        private final int connection;
        private final Set<MessageKind> seen = EnumSet.noneOf(MessageKind.class);
        private int messages;
        private long requests;

        private Cursor(int connection) {
            this.connection = connection;
        }

        /** What to do wrong with the message that has just arrived. */
        Optional<MessageDeed> message(Optional<MessageKind> kind) {
            int number = messages++;
            boolean first = kind.isPresent() && seen.add(kind.get());
            return byNumber.stream()
                    .filter(act -> meant(act.connection()) && act.number() == number)
                    .map(OfMessage::deed)
                    .findFirst()
                    .or(() -> byKind.stream()
                            .filter(act -> first && meant(act.connection()) && act.kind() == kind.get())
                            .map(OfKind::deed)
                            .findFirst());
        }

        /** What to do wrong with the request that has just been taken. */
        Optional<DataDeed> request() {
            long number = ++requests;
            return byRequest.stream()
                    .filter(act -> meant(act.connection()) && act.number() == number)
                    .map(OfRequest::deed)
                    .findFirst();
        }

        private boolean meant(int which) {
            return which == EVERY || which == connection || which < EVERY && connection >= -2 - which;
        }
    }
}
