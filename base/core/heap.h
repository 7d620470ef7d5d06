#pragma once
// How a short-lived program gets its memory.

namespace swell {

// For programs that use tens of megabytes and end: lets malloc grow in one large step backed by
// huge pages where the kernel has them, and give nothing back. Taking memory page by page was a
// third of what rendering a large chart cost. To be called first in main; does nothing where the
// kernel or the C library do not play along.
void PreferLargeHeap();

}  // namespace swell
