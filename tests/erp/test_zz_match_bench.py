"""Timing of a comparison in a throw-away test database."""
import random, time, resource
import pytest
from tests.erp.matched import CUSTOMER, actor_of
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory
from brygga.crm.side import EmbeddedCrm, NewRecord
from brygga.erp import connectors
from brygga.erp.engine.progress import Progress
from brygga.erp.models import Matching
from brygga.erp.services import matching
from brygga.erp.services.match_comparing import compare

@pytest.mark.django_db
@pytest.mark.parametrize("n", [5000])
def test_bench(n):
    random.seed(1)
    syl = ["ba","ke","ri","so","ta","mo","nor","fjo","sko","hav","lin","dal","ber","gen","vik","hol"]
    def word(): return "".join(random.choices(syl, k=3))
    common = ["transport","bygg","handel","service","elektro"]
    rows = [f"{word().title()} {word()} {random.choice(common)} AS" for _ in range(n)]
    erp = MemoryErp()
    with connectors.use("memory", erp):
        c = connect_memory("memory")
        for i, name in enumerate(rows): erp.put(CUSTOMER, str(i), NAME=name, CITY="Oslo", VATNO=f"{900000000+i}" if i%3 else "")
        EmbeddedCrm().create("company", [NewRecord({"NAME": name.replace("o","0",1) if i%5==0 else name, "VATNO": f"{900000000+i}" if i%2 else None}) for i, name in enumerate(rows)], "t")
        m = Matching.objects.create(actor=actor_of(c))
        t = time.time(); compare(m, Progress()); d = time.time()-t
        t = time.time(); k = matching.counts(m); list(matching.pairs(m, clear=True)[:50]); e = time.time()-t
        print("\nBENCH", n, f"{d:.1f}s, page {e:.2f}s", k, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024, "MB")
