"""What may stand in brackets: numbers, slices, lists, arrays, masks and mistakes, read from and written to."""

from __future__ import annotations

import numpy as np

READ = """
t[[[0,1],[1,2]]]
t[[[0,1],[1,1]]]
t[[[0,1]]]
t[[0,1]]
t[[0]]
t[[slice(0,1),1]]
t[[None]]
t[[...,1]]
t[[torch.tensor(0),0]]
t[[torch.tensor([0,1]),torch.tensor([0,1])]]
t[[torch.tensor([0,1])]]
t[[np.array([0,1])]]
t[[range(2)]]
t[[True,False]]
t[[[True,False]]]
t[True]
t[False]
t[None]
t[()]
t[[]]
t[[],]
t[0,True]
t[[True],0]
t[np.array([0,1])]
t[np.array(1)]
t[np.int64(1)]
t[np.float32(1)]
t[np.bool_(True)]
t[range(2)]
t[range(0)]
t[(0,1)]
t[(0,1),]
t[(0,1),(1,2)]
t[[0,1],[1,2]]
t[[0,1],:,[1,2]]
t[:,[0,1],[1,2]]
t[[0,1],0]
t[[[0,1],[1,0]],0]
t[::-1]
t[::0]
t[::2]
t[:torch.tensor(1)]
t[torch.tensor(0):torch.tensor(2)]
v[:torch.tensor(2.7)]
v[:torch.tensor([2])]
v[:2.0]
v['a':]
v[:np.int64(2)]
v[::torch.tensor(2)]
v[:True]
v[torch.tensor(1.0)]
v[1.0]
v['a']
v[{}]
v[1j]
v[object()]
v[torch.tensor([0,1],dtype=torch.int32)]
v[torch.tensor(1,dtype=torch.int16)]
v[torch.tensor(1,dtype=torch.uint8)]
v[torch.tensor(True)]
v[torch.tensor([True,False,True,False,True])]
t[torch.ones(2,3)>0]
t[torch.ones(2,4)>0]
t[:,torch.ones(3)>0]
t[:,torch.ones(2)>0]
t[0,0,0,0]
t[0,0,0,...]
t[...,...]
t[...,0,0,0,0]
t[:,:,:,:]
t[5]
t[-3]
t[0,0,-5]
t[[5]]
t[[0,5]]
t[:,[0,3]]
t[torch.tensor(5)]
t[torch.tensor([5])]
t[[0,1],:,[0,1,2]]
torch.tensor(1.0)[0]
torch.tensor(1.0)[...]
torch.tensor(1.0)[()]
torch.tensor(1.0)[True]
torch.tensor(1.0)[torch.tensor(True)]
torch.tensor(1.0)[[0]]
torch.zeros(0)[0]
torch.zeros(0)[[0]]
t[5:]
t[-10:1]
t[2:1]
t[[1.0]]
t[[1.5,0]]
t[[None,None]]
t[[[0,1],1]]
t[[[0,1],[1]]]
t[[[0,1],[1,2],[2,3]]]
t[[[[0,1]]]]
t[[(0,1),(1,2)]]
t[((0,1),[1,2])]
t[[slice(0,1),slice(1,2)]]
t[[slice(0,1)]*40]
t[[0]*40]
v[[0]*3]
v[[0,[1]]]
t[torch.tensor([[0,1],[1,0]])]
t[None,torch.tensor([0,1])]
t[None,None,torch.tensor([0,1]),...]
t[...,torch.tensor([0,1])]
t[torch.tensor([],dtype=torch.int64)]
t[torch.tensor([])]
t[torch.zeros(0,3,dtype=torch.int64)]
t[torch.tensor(0),[0,1]]
g[[0,1]]
g[True]
g[None,0]
g[:,None]
g[0,0]
g[()]
g[...]
t[0].index_put((torch.tensor([0]),), torch.tensor([1.0]))
t.index_select(0, [0])
t.take(torch.tensor([0,30]))
t.select(0, 5)
t.narrow(0,1,5)
t.index_select(0, torch.tensor([5]))
t.gather(0, torch.tensor([[[5]]]))
g[0,:]
g[:,0]
g[:]
g[:,0:2]
g[0:2,:]
g[:,0:2,None]
g[None,...]
g[...,None]
g[0:2,None]
g[0:2,None,0]
g[0:2,...]
g[0,...]
g[[0,1],None]
m.t()[[0,1]]
m.t()[[0,1],[1,2]]
t.permute(2,0,1)[[0,1],:,[0,1]]
t.permute(1,0,2)[[0,1]]
t[:,:,[0,1]]
t.permute(2,1,0)[t.permute(2,1,0)>3]
t[:,[0],[9]]
t[[9],:,[0]]
t[[0],[9],[9]]
t[:,:,[9]]
t[0,[0,9]]
torch.tensor(1.0)[0,]
torch.tensor(1.0)[:,]
torch.tensor(1.0)[0:1]
torch.tensor(1.0)[torch.tensor([0])]
torch.tensor(1.0)[0,0]
v[0,0]
t[['a',0]]
t[[object()]]
t[[1j]]
t[[None,1.5]]
t[({},)]
t[0,1.5]
t[[0,1.5],0]
t[np.array(['a'])]
t[np.array([],dtype=np.float32)]
t[np.array(True)]
t[np.array(1.0)]
t[[np.bool_(True),False]]
t[[True,1.0]]
t[[[1.5,0],0]]
t[b'a']
t[iter([0])]
t[torch.tensor([0,1]).numpy()]
t[[0,1],...]
t[..., [0,1], ...]
t[...,0,...]
t[None,True]
t[True,None]
t[True,False]
t[:,True]
t[True,[0,1]]
t[torch.tensor(True),0]
t[0,torch.tensor(True)]
t[True:]
t[:'a']
t[::1.0]
t[::torch.tensor(1.0)]
t[torch.tensor(True):]
t[0:2:0]
t[::torch.tensor(0)]
t[::torch.tensor(-1)]
v[slice(3,1)]
"""
WRITTEN = """
t[[[0,1],[1,2]]] = 5 -> t
t[[0,1]] = 5.0 -> t
t[[slice(0,1),1]] = 5 -> t
t[[None,1]] = 5 -> t
t[[torch.tensor(0),0]] = 5 -> t
t[False] = 5 -> t
t[[True,False]] = 5 -> t
t[torch.tensor(True)] = 5 -> t
t[np.array([0,1])] = 5 -> t
t[np.array([True,False])] = 5 -> t
t[::-1] = 5 -> t
t[0,0,0,0] = 5 -> t
t[5] = 5 -> t
t[[5]] = 5 -> t
t[0,9] = 5 -> t
v['a'] = 5 -> v
v[:torch.tensor(2.0)] = 5 -> v
v[torch.tensor(1.0)] = 5 -> v
v[torch.tensor([1.0])] = 5 -> v
v[0] = torch.ones(2) -> v
v[[0,1]] = torch.ones(3) -> v
v[v>2] = torch.ones(3) -> v
v[v>2] = 0 -> v
v[v>2] = torch.ones(2) -> v
v[0] = 'a' -> v
v[0] = [1] -> v
v[0:2] = [1,2] -> v
v[0:2] = (1,2) -> v
v[0:2] = np.array([1,2]) -> v
v[0] = np.float64(1) -> v
v[0] = torch.tensor([[1.0]]) -> v
v[0] = 1j -> v
v[0:2] = torch.ones(1,2) -> v
v[0:2] = torch.ones(2,2) -> v
torch.tensor(1.0)[0] = 5
x = torch.tensor(1.0); x[()] = 5 -> x
x = torch.tensor(1.0); x[None] = 5 -> x
x = torch.tensor([1,2]); x[0] = 2.7 -> x
x = torch.tensor([1,2]); x[0] = torch.tensor(2.7) -> x
x = torch.tensor([1,2]); x[[0]] = torch.tensor([2.7]) -> x
t[[]] = 1 -> t
t[torch.ones(2,3)>0] = torch.zeros(4) -> t
t[torch.ones(2,3)>0] = torch.zeros(6,4) -> t[0]
t[torch.ones(2,4)>0] = 0 -> t
g[0] = 1
t[[0]][0] = 7 -> t[0]
t.index_put_((torch.tensor([0]),None), torch.tensor(1.0)) -> t[0]
x=torch.ones(3,requires_grad=True); x[0] = 1
x=torch.ones(3,4,requires_grad=True); x[0] = 1
x=torch.ones(3,4).reshape(4,3).requires_grad_(); x[0] = 1
x=torch.ones(3,4).reshape(4,3).requires_grad_(); x[x>0] = 1
x=torch.arange(3.).requires_grad_(); x[0] = 1
v[3:1] = 5 -> v
v[10:] = 5 -> v
v[[]] = 5 -> v
v[True] = torch.ones(1,5) -> v
v[True] = torch.ones(2,5) -> v
v[None] = torch.ones(1,5) -> v
v[None] = torch.ones(2,5) -> v
v[0:2] = torch.ones(1,1,2) -> v
v[[0,1]] = torch.ones(1,1,2) -> v
v[[0,1]] = torch.ones(1,2,2) -> v
v[[0,1]] = 1j -> v
v[[0,1]] = 'a' -> v
v[[0,1]] = [1,2] -> v
v[[0,1]] = np.array([1.,2.]) -> v
v[[0,1]] = np.float32(2) -> v
v[v>2] = np.float32(2) -> v
v[0] = True -> v
v[0:2] = torch.tensor([1,2]) -> v
v[[0,1]] = torch.tensor(1) -> v
v[v>2] = torch.tensor(1) -> v
v[v>2] = torch.tensor(1,dtype=torch.float64) -> v
v[v>2] = torch.tensor([1.0,2.0],dtype=torch.float64) -> v
v[0] = torch.tensor(1,dtype=torch.float64) -> v
t[0] = torch.ones(4,3) -> t
t[:,0] = torch.ones(3,4) -> t
t[0,0] = torch.ones(3,4) -> t
t[0,0,0] = torch.ones(2) -> t
t[0,0,0] = torch.ones(1) -> t[0,0]
t[0,0,0] = []
t[0,0,0] = torch.tensor([]) -> t
t[0] = [] -> t
v.long()[0] = 1.5
v[object()] = 1
v[1.5] = 1
v[torch.tensor([1,2],dtype=torch.int16)] = 1
v[np.array([1.0])] = 1 -> v
v[[1.0]] = 1 -> v
v[...] = torch.arange(5) -> v
v[[0]].add_(1) -> v
v[0] += 1 -> v
v[[0,0]] += 1 -> v
v[v>1] *= 2 -> v
v[1:3], v[0] = 7, 8 -> v
v.index_put_((torch.tensor([0,0]),), torch.tensor([1,1])) -> v
v.index_put_((torch.tensor([9]),), torch.tensor(1.0)) -> v
v.index_put_(torch.tensor([9]), torch.tensor(1.0)) -> v
v.index_put_([torch.tensor([1])], torch.tensor(1.0)) -> v
v.index_put_((torch.tensor([0]),), 1.0) -> v
x = torch.ones(3,4).reshape(4,3).requires_grad_(); x[0] = 1 -> x
x = torch.ones(3,4).reshape(4,3).requires_grad_(); x.add_(1) -> x
x = torch.ones(3,4).reshape(4,3).requires_grad_(); x[[0]] = 1 -> x
x = torch.ones(3,4).reshape(4,3).requires_grad_(); x[x>0] = 1 -> x
x = torch.arange(3.).requires_grad_(); x[0] = 1 -> x
x = torch.ones(3,4,requires_grad=True); x[[0]] = torch.ones(4) -> x
x = torch.ones(3,4,requires_grad=True); x[:] = 0 -> x
x = torch.ones(3,4,requires_grad=True); x[...] = 0 -> x
x = torch.ones(3,4,requires_grad=True); x[0][0] = 0 -> x
x = torch.ones(3,4,requires_grad=True); x[0].zero_() -> x
g[0] = 1 -> g
v[0] = np.float32(1) -> v
v[0] = np.bool_(True) -> v
v[0] = np.int32(1) -> v
v[0] = np.array(1.0) -> v
v[0] = {} -> v
v.long()[0] = np.float64(1.5)
x = torch.arange(3); x[x>0] = torch.tensor(1.5) -> x
x = torch.arange(3); x[x>0] = torch.tensor([1.5]) -> x
x = torch.arange(3); x[x>0] = 1.5 -> x
x = torch.ones(2,3); x[x>0,] = torch.tensor(1.5,dtype=torch.float64) -> x
x = torch.ones(2,3); x[torch.tensor([True,False]),0] = torch.tensor(1.5,dtype=torch.float64) -> x
x = torch.ones(2,3); x[torch.tensor([True,False]),0] = torch.tensor([1.5],dtype=torch.float64) -> x
x = torch.ones(2,3); x[:,torch.tensor([True,False,True])] = torch.tensor(1.5,dtype=torch.float64) -> x
x = torch.ones(2,3,requires_grad=True); y = x*1; y[[0]] = torch.tensor(1.5,dtype=torch.float64) -> y
x = torch.ones(2,3); x[[0],[1]] = torch.tensor(2) -> x
x = torch.ones(2,3); x[0,[1]] = torch.tensor(2) -> x
x = torch.ones(2,3); x[True] = torch.tensor(2) -> x
x = torch.ones(2,3); x[torch.tensor(True)] = torch.tensor(2) -> x
x = torch.ones(2,3); x[[0]] = torch.tensor([2]) -> x
x = torch.ones(3).detach().requires_grad_(); x[0] = 1 -> x
x = torch.ones(3).t().requires_grad_(); x.add_(1)
x = torch.ones(3)[0:2].requires_grad_(); x.add_(1)
x = torch.ones(3).to(torch.float32).requires_grad_(); x.add_(1)
x = torch.ones(3); y = x.view(3); x.requires_grad_(); y.add_(1)
x = torch.ones(3); y = x.view(3); y.requires_grad_(); y.zero_()
x = torch.from_numpy(np.ones(3)).requires_grad_(); x.zero_()
x = torch.ones(3).numpy(); y = torch.from_numpy(x).view(3).requires_grad_(); y.zero_()
x = nn.Parameter(torch.ones(6).view(2,3)); x.zero_()
x = torch.ones(3).view(3).detach().requires_grad_(); x.zero_()
x = torch.ones(3).data.requires_grad_(); x.zero_()
x = torch.ones(3).expand(3).requires_grad_(); x.zero_()
"""


def run(torch, page):
    for line in READ.split("\n")[1:-1]:
        page.show(line)
        page.said(lambda line=line: told(eval(line, scope(torch))))
    for line in WRITTEN.split("\n")[1:-1]:
        page.show(line)
        page.said(lambda line=line: told(left_by(line, scope(torch))))


def scope(torch):
    """The names that the lines see, always fresh."""
    m = torch.arange(12.0).reshape(3, 4)
    return {
        "torch": torch, "np": np, "nn": torch.nn, "t": torch.arange(24.0).reshape(2, 3, 4), "v": torch.arange(5.0),
        "m": m, "g": m.clone().requires_grad_(),
    }  # fmt: skip


def left_by(line, names):
    """What a statement left in the tensor that stands behind its arrow."""
    statement, _, shown = line.partition(" -> ")
    exec(statement, names)
    return eval(shown or "None", names)


def told(result):
    """A result as text, with its steps and the name of its node."""
    if not hasattr(result, "stride"):
        return result
    node = result.grad_fn.name() if result.grad_fn is not None else None
    return result.tolist(), tuple(result.shape), result.dtype, result.stride(), node
