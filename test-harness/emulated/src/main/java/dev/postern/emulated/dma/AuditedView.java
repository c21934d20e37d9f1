package dev.postern.emulated.dma;

import java.lang.foreign.MemorySegment;

/** Shows a scanner everything that devices read through another view, and notes where they write. */
public final class AuditedView implements DmaView {

    private final DmaView view;
    private final ReadScanner scanner;
    private final WriteLog writes;

    /** A view that adds nothing but attention. */
    public AuditedView(DmaView view, ReadScanner scanner, WriteLog writes) {
        this.view = view;
        this.scanner = scanner;
        this.writes = writes;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        MemorySegment piece = view.piece(by, dva, length, intent);
        if (piece == null) {
            return null;
        }
        if (intent == DmaIntent.READ) {
            scanner.read(by.id(), dva, piece);
        } else {
            writes.wrote(view.pa(by, dva), piece.byteSize());
        }
        return piece;
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        return view.reach(by, dva, length, intent);
    }

    @Override
    public boolean arrives(Requester by, long dva) {
        return view.arrives(by, dva);
    }

    @Override
    public long pa(Requester by, long dva) {
        return view.pa(by, dva);
    }

    @Override
    public Hold hold(Requester by, long dva, long length, DmaIntent intent) {
        return view.hold(by, dva, length, intent);
    }
}
