<?cs include:"macros.cs" ?><?cs set:Title = "电子证书姓名变更 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>电子证书姓名变更</h1>
<p class="lead">持证人在公安机关更改姓名后，由本人携带材料到受理窗口办理，不能在网上办理。</p>
<h2>办理地点</h2>
<p class="note">小木桥路680号8号楼1楼大厅</p>
<h2>携带材料</h2>
<ul><li>企业情况说明（加盖公章）；<li>本人身份证原件和复印件；<li>三类人员证书原件和复印件。</ul>
<h2>办理之后</h2>
<p>证书编号和有效期不变。请在“三类人员电子证书查询”中查看并下载新的证书，原文件作废。</p>
<?cs call:picture("firm-name-changed-matter", "办结之后企业看到的事项") ?>
</div>
<?cs /def ?><?cs include:"layout.cs" ?>
