package dev.postern.emulated.board;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The work that devices have been asked for and have not done yet. A notification only puts work here, from any thread; one thread does
 * it, in rounds, in an order drawn from the seed: the guest's while the CPU waits, or that of the devices. Each piece is done inside the
 * gate.
 */
public final class DeviceWork {

    private final SplittableRandom random;
    private final Gate gate;
    private final List<BooleanSupplier> looks = new ArrayList<>();
    private Runnable afterwards = () -> {};
    private Runnable arrival = () -> {};

    /** What waits; guarded by this object. */
    private ArrayList<Runnable> pending = new ArrayList<>();

    /** What is being done; empty between rounds. */
    private ArrayList<Runnable> round = new ArrayList<>();

    /** No work yet. */
    public DeviceWork(long seed, Gate gate) {
        random = new SplittableRandom(seed);
        this.gate = gate;
    }

    /** What keeps devices and the guest apart. */
    public Gate gate() {
        return gate;
    }

    /** Adds work, unless the same object is already waiting. */
    public void add(Runnable work) {
        synchronized (this) {
            if (!pending.contains(work)) {
                pending.add(work);
            }
        }
        arrival.run();
    }

    /** Forgets work that is waiting, because its device was reset. Work of the round that is being done may still come. */
    public synchronized void remove(Runnable work) {
        pending.remove(work);
    }

    /** Looks for work in each round, until told to stop; the look says whether there was any. Called inside the gate. */
    public void poll(BooleanSupplier look) {
        if (!looks.contains(look)) {
            looks.add(look);
        }
        arrival.run();
    }

    /** Ends {@link #poll}. Called inside the gate. */
    public void stopPolling(BooleanSupplier look) {
        looks.remove(look);
    }

    /** Sets what is done when the devices rest again: at the end of each round, also of one without work. */
    public void afterwards(Runnable act) {
        afterwards = act;
    }

    /** Sets who is told of work that was added; before there is any. */
    void onArrival(Runnable told) {
        arrival = told;
    }

    /** Whether nothing waits. */
    synchronized boolean idle() {
        return pending.isEmpty();
    }

    /** Whether work is looked for. */
    boolean polled() {
        gate.enter();
        try {
            return !looks.isEmpty();
        } finally {
            gate.leave();
        }
    }

    /** Does what was waiting when the round began, each piece once. Returns false when there was nothing. */
    boolean runRound() {
        synchronized (this) {
            ArrayList<Runnable> empty = round;
            round = pending;
            pending = empty;
        }
        boolean any = !round.isEmpty();
        while (!round.isEmpty()) {
            // No number is drawn where there is no choice, so that adding a silent device does not change a run.
            int choice = round.size() == 1 ? 0 : random.nextInt(round.size());
            Runnable piece = round.remove(choice);
            gate.enter();
            try {
                piece.run();
            } finally {
                gate.leave();
            }
        }
        gate.enter();
        try {
            for (int i = 0; i < looks.size(); i++) {
                any |= looks.get(i).getAsBoolean();
            }
            afterwards.run();
        } finally {
            gate.leave();
        }
        return any;
    }
}
