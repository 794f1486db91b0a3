/*
** What C must know to begin a transaction, and to read pages of a local file that is changed while it
** is read (dev.rivulet.hydrate), without Java. Java makes and changes it, through
** dev.rivulet.natives.Publication and LocalPages.
*/
#ifndef RIVULET_LOCALPAGES_H
#define RIVULET_LOCALPAGES_H

#include <stdint.h>

/* A stamp: the page is there; it must be looked at by Java first; and else since which TXID it is right. */
#define STAMP_PRESENT INT64_MIN
#define STAMP_UNVERIFIED (INT64_C(1) << 62)
#define STAMP_TXID (STAMP_UNVERIFIED - 1)

typedef struct Stamps {
  int64_t pages; /* the last one that there is a stamp for */
  _Atomic int64_t of[]; /* by page number; [0] is not used */
} Stamps;

typedef struct LocalPages {
  int fd;
  int page_size;
  _Atomic(Stamps *) stamps; /* replaced ones stay where they are as long as anybody may read */
  _Atomic int64_t newest;   /* the TXID up to which all stamps hold */
  _Atomic int64_t lineage;  /* which of the replica's histories they are of */
} LocalPages;

/* How often a database's newest view has changed: who knows the number knows the view. */
typedef struct Publication {
  _Atomic int64_t number;
} Publication;

enum { LOCAL_NO = 0, LOCAL_YES = 1, LOCAL_UNVERIFIED = 2 };

/*
** Copies bytes of one page as a view has it; LOCAL_NO if that is not here, and `to` is undefined.
** Whoever changes a page takes its stamp away before, so that the same stamp before and after
** the read says that nothing happened between.
*/
int local_pages_read(const LocalPages *local, int64_t txid, int64_t lineage, int64_t at, void *to, int length);

#endif
