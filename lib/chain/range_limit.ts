/** Finds out, and remembers, how much an endpoint gives at once. Widths are counts of blocks, or of whatever is asked for. */
export interface RangeLimit {
  /** What to ask for next. */
  readonly width: number;
  /** Something was answered, so that several questions may be under way. */
  readonly isTried: boolean;
  /** So many were answered. */
  accept(width: number): void;
  /** So many were refused; `isDoubtful` where it may have been for another reason, such as a time-out. */
  refuse(width: number, options?: { readonly isDoubtful?: boolean }): void;
}

/** Answers at one width before a wider one is tried. */
const ACCEPTS_BEFORE_GROWING = 4;
/**
 * Answers at the widest before it is tried whether more is given by now, as some limits are of results, which are not everywhere as many.
 * Twice as many each time.
 */
const ACCEPTS_BEFORE_FORGETTING = 64;
/** A refusal costs a request, so a gain of less than this is not looked for: one in so many. */
const WORTHWHILE_SHARE = 8;

/** Starts with `width`, halves at each refusal, and grows again slowly towards the narrowest width that was refused. */
export function createRangeLimit(
  { width: first, widest }: { readonly width: number; readonly widest: number },
): RangeLimit {
  let width = Math.min(first, widest);
  /** The narrowest width that was refused. */
  let refused = Infinity;
  /** The widest that was answered since then. */
  let accepted = 0;
  let accepts = 0;
  let patience = ACCEPTS_BEFORE_FORGETTING;
  let isTried = false;

  function grow(): void {
    if (refused === Infinity) width = Math.min(width * 2, widest);
    else if (refused - width > width / WORTHWHILE_SHARE) width = Math.floor((width + refused) / 2);
    else if (accepts < patience) return;
    else {
      refused = Infinity;
      patience *= 2;
    }
    accepts = 0;
  }

  return {
    get width() {
      return width;
    },
    get isTried() {
      return isTried;
    },
    accept(answered) {
      isTried = true;
      accepted = Math.max(accepted, answered);
      // The rest of a range, or one that was asked for before the width changed.
      if (answered < width) return;
      accepts++;
      if (accepts >= ACCEPTS_BEFORE_GROWING) grow();
    },
    refuse(asked, { isDoubtful = false } = {}) {
      accepts = 0;
      if (!isDoubtful) refused = Math.min(refused, Math.max(asked, 2));
      if (accepted >= asked) accepted = 0;
      const narrower = Math.max(1, accepted, Math.floor(asked / (isDoubtful ? 4 : 2)));
      width = Math.min(width, narrower);
    },
  };
}
