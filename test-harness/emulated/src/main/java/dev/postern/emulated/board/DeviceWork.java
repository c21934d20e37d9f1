package dev.postern.emulated.board;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The work that devices have been asked for and have not done yet. A notification only puts work here; it is done when
 * the CPU waits, in an order drawn from the seed.
 */
public final class DeviceWork {

    private final SplittableRandom random;
    private List<Runnable> pending = new ArrayList<>();

    /** The list of the round before, kept so that a round allocates nothing. */
    private List<Runnable> spare = new ArrayList<>();

    private final List<BooleanSupplier> looks = new ArrayList<>();
    private Runnable afterwards = () -> {};

    /** No work yet. */
    public DeviceWork(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Adds work, unless the same object is already waiting. */
    public void add(Runnable work) {
        if (!pending.contains(work)) {
            pending.add(work);
        }
    }

    /** Forgets work that is waiting, because its device was reset. */
    public void remove(Runnable work) {
        pending.remove(work);
    }

    /** Looks for work in each round, until told to stop; the look says whether there was any. */
    public void poll(BooleanSupplier look) {
        if (!looks.contains(look)) {
            looks.add(look);
        }
    }

    /** Ends {@link #poll}. */
    public void stopPolling(BooleanSupplier look) {
        looks.remove(look);
    }

    /** Sets what is done when the devices rest again: at the end of each round, also of one without work. */
    public void afterwards(Runnable act) {
        afterwards = act;
    }

    /** Does what was waiting when the round began, each piece once. Returns false when there was nothing. */
    boolean runRound() {
        boolean any = !pending.isEmpty();
        runPending();
        for (int i = 0; i < looks.size(); i++) {
            any |= looks.get(i).getAsBoolean();
        }
        afterwards.run();
        return any;
    }

    private void runPending() {
        List<Runnable> round = pending;
        pending = spare;
        try {
            while (!round.isEmpty()) {
                // No number is drawn where there is no choice, so that adding a silent device does not change a run.
                int choice = round.size() == 1 ? 0 : random.nextInt(round.size());
                round.remove(choice).run();
            }
        } finally {
            round.clear();
            spare = round;
        }
    }
}
