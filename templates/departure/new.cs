<?cs include:"macros.cs" ?><?cs set:Title = "出具离沪证明" ?><?cs def:intro() ?>系统将查询该人员在本企业的有效电子证书。查询之后再核对要转出的证书。<?cs /def ?><?cs
def:more() ?><?cs /def ?><?cs include:"_box.cs" ?><?cs include:"layout.cs" ?>
