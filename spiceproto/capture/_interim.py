"""temporary"""
from struct import unpack_from
class Interim:
    def __init__(self): self.b={True:b'',False:b''}; self.s=0
    def feed(self,fc,data):
        self.b[fc]+=data
        c,s=self.b[True],self.b[False]
        if len(c)<16 or len(s)<16: return None
        n=16+unpack_from('<L',c,12)[0]; m=16+unpack_from('<L',s,12)[0]
        if len(c)<n or len(s)<m: return None
        conn,t,i,nc,nh,off=unpack_from('<LBBLLL',c,16)
        err,=unpack_from('<L',s,16)
        if err: return ('fail',err)
        sc,sh,so=unpack_from('<LLL',s,16+166)
        cc=unpack_from('<L',c,16+off)[0] if nc else 0
        ss=unpack_from('<L',s,16+so)[0] if sc else 0
        p=n
        if cc&1 and ss&1: 
            if len(c)<p+4: return None
            mech,=unpack_from('<L',c,p); p+=4
            if mech!=1: return ('sasl',t,i,conn)
        p+=128
        if len(c)<p or len(s)<m+4: return None
        r,=unpack_from('<L',s,m)
        if r: return ('fail',r)
        return ('ok',t,i,conn,bool(cc&8 and ss&8),c[p:],s[m+4:])
