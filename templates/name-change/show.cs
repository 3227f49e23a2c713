<?cs include:"macros.cs" ?><?cs set:Title = "电子证书姓名变更" ?><?cs def:content() ?><div class="text"><?cs if:Session.Kind == "firm" ?><p class="back"><a href="/transfer/">返回电子证书变更</a></p>
<?cs /if ?><h1>电子证书姓名变更</h1>
<p class="lead">持证人在公安机关更改姓名后，电子证书的姓名在受理窗口变更，不能在网上办理。</p>
<h2>办理地点</h2>
<p class="note">小木桥路680号8号楼1楼大厅</p>
<h2>携带材料</h2>
<ol class="steps"><li>企业情况说明（加盖公章）<li>本人身份证原件和复印件<li>三类人员证书原件和复印件</ol>
<h2>办理之后</h2>
<p>窗口办结后重新生成电子证书，证书编号和有效期不变，原文件作废。企业请在<a href="/certificates/">三类人员电子证书查询</a>中查看并下载新的证书。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
