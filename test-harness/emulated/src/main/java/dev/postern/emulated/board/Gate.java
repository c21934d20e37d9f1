package dev.postern.emulated.board;

/**
 * Keeps the guest's accesses to devices and the work of devices apart. Whoever touches the state of a device, a bus or a register is
 * inside; the RAM is no part of it.
 */
public interface Gate {

    /** Where guest and devices share a thread nothing has to be kept apart. */
    Gate OPEN = new Gate() {

        @Override
        public void enter() {
            // Nobody else is there.
        }

        @Override
        public void leave() {
            // Nobody waits.
        }

        @Override
        public boolean breathe() {
            return true;
        }
    };

    /** Waits until nobody else is inside. May be entered again by who is inside, and left as often. */
    void enter();

    /** Lets others in. */
    void leave();

    /**
     * Lets those in who wait, from inside and between two pieces of work; afterwards the state may be another one.
     *
     * @return false when devices should stop working, because the machine is closed
     */
    boolean breathe();
}
